"""Read what a student handed in, a folder or a file, into memory: once, by descriptor, within limits."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path, PurePosixPath

from grader.errors import UserError
from grader.submissions.reading import (
    MAX_DEPTH,
    MAX_FILE,
    HandedIn,
    Reading,
    clean_name,
    is_hidden,
    megabytes,
)
from grader.submissions.zip_file import read_zip_bytes

MAX_ZIP = 20_000_000
_NO_FILE = {errno.ELOOP: "a symbolic link; links are not followed", errno.ENXIO: "not a regular file"}
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_folder(folder: Path) -> HandedIn:
    """Read the Python files and the answers of a folder and its subfolders; links are not followed.

    Raises UserError where this machine refuses to read a file: that is not the student's doing.
    """
    reading = Reading()
    try:
        root = os.open(folder, _OPEN | os.O_DIRECTORY)
    except OSError as error:
        raise _unreadable(folder, error) from None
    _read_level(folder, root, PurePosixPath(), reading)
    return reading.result()


def read_single(path: Path, name: str) -> HandedIn:
    """Read one Python file as `name`. Raises UserError where this machine refuses to read it."""
    reading = Reading()
    content = _read_file(path, reading)
    if content is not None:
        reading.keep(name, content)
    return reading.result()


def read_zip(path: Path) -> HandedIn:
    """Read the Python files and the answers of a zip in memory, counting the bytes as they come.

    Raises UserError where this machine refuses to read it.
    """
    reading = Reading()
    data = _read_file(path, reading, limit=MAX_ZIP)
    if data is not None and len(data) > MAX_ZIP:
        reading.report(f"{clean_name(path.name)} is larger than {megabytes(MAX_ZIP)}; it is not read.")
    elif data is not None:
        read_zip_bytes(data, reading)
    return reading.result()


def _read_level(folder: Path, descriptor: int, inside: PurePosixPath, reading: Reading) -> None:
    """Read one folder, its files before its subfolders; closes the descriptor."""
    try:
        names = sorted(name for name in os.listdir(descriptor) if not is_hidden(name))
        if "pyvenv.cfg" in names:  # a virtual environment: thousands of files that nobody wrote
            return
        subfolders = _read_files(folder, descriptor, inside, names, reading)
        for name in subfolders:
            if len(inside.parts) >= MAX_DEPTH:
                reading.report(f"{clean_name(str(inside / name))} lies too deep; it is not looked at.")
                return
            below = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=descriptor)
            _read_level(folder, below, inside / name, reading)
    except OSError as error:
        raise _unreadable(folder / inside, error) from None
    finally:
        os.close(descriptor)


def _read_files(
    folder: Path, descriptor: int, inside: PurePosixPath, names: list[str], reading: Reading
) -> list[str]:
    """Read one folder's files; return the names of its subfolders."""
    subfolders: list[str] = []
    for name in names:
        if reading.is_full():
            return []
        shown = clean_name(str(inside / name))
        status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            subfolders.append(name)
        elif not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            if reading.wants(shown):  # not even opened: a device may act on that
                reading.report(f"{shown} is not a regular file.")
        elif reading.wants(shown):
            content = _read_file(folder / inside / name, reading, descriptor=descriptor, shown=shown)
            if content is not None:
                reading.keep(shown, content)
    return subfolders


def _read_file(
    path: Path, reading: Reading, *, limit: int = MAX_FILE, descriptor: int | None = None, shown: str = ""
) -> bytes | None:
    """Return at most one byte more than `limit`; None, with the reason reported, for what is no file of the student's.

    `descriptor` is the open folder that it lies in, if that is the student's own.
    """
    shown = shown or clean_name(path.name)
    try:
        opened = os.open(path if descriptor is None else path.name, _OPEN, dir_fd=descriptor)
    except OSError as error:
        if error.errno not in _NO_FILE:
            raise _unreadable(path, error) from None
        reading.report(f"{shown} is {_NO_FILE[error.errno]}.")
        return None
    with os.fdopen(opened, "rb") as stream:
        problem = _problem(opened, descriptor)
        if problem:
            reading.report(f"{shown} is {problem}.")
            return None
        try:
            return stream.read(limit + 1)
        except OSError as error:
            raise _unreadable(path, error) from None


def _problem(opened: int, folder: int | None) -> str:
    """Say what an open file is, if it is not a plain file of the owner of its folder."""
    found = os.fstat(opened)
    if not stat.S_ISREG(found.st_mode):
        return "not a regular file"
    owner = 0 if folder is None else os.fstat(folder).st_uid
    # In a folder of ours or of root's, links are somebody's backup; in a student's, a way to a file that we may read.
    if found.st_nlink > 1 and owner not in (0, os.geteuid(), found.st_uid):
        return "a hard link to a file of somebody else; it is not read"
    return ""


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(
        f"{clean_name(str(path))}: cannot be read: {error.strerror}\n"
        "  Make it readable for you (chmod -R u+rX on the folder), or take it out, and run again."
    )
