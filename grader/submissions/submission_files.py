"""Read what a student handed in, a folder or a zip, into memory: once, within limits; never written out."""

from __future__ import annotations

import errno
import hashlib
import io
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.errors import UserError
from grader.models.base import Model
from grader.models.submission import SourceFile

MAX_FILE = 1_000_000
MAX_FILES = 200
MAX_TOTAL = 10_000_000
MAX_ZIP = 20_000_000
MAX_ENTRIES = 5_000
MAX_DEPTH = 8
MAX_PROBLEMS = 20

ANSWER_NAMES = ("answers.md", "answers.markdown", "answers.txt", "answer.md")
ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")
_IGNORED = frozenset({"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"})
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, OSError,
    ValueError, OverflowError,
)  # fmt: skip


class HandedIn(Model):
    """The files that can matter, by relative name with `/`, sorted; a sentence for each that is not read."""

    files: tuple[SourceFile, ...] = ()
    problems: tuple[str, ...] = ()


def is_hidden(name: str) -> bool:
    """True for what tools leave behind (`.git`, `.DS_Store`, `__MACOSX`, `__pycache__`)."""
    return name.startswith(".") or name in _IGNORED


def clean_name(name: str) -> str:
    """Return a file name as text that can be stored: bytes that are not UTF-8 become `\\xNN`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def source_file(name: str, content: bytes) -> SourceFile:
    """Return a file with its digest."""
    return SourceFile(name=name, content=content, sha256=hashlib.sha256(content).hexdigest())


def read_folder(folder: Path) -> HandedIn:
    """Read the Python files and the answers of a folder and its subfolders; links are not followed.

    Raises UserError where this machine refuses to read a file: that is not the student's doing.
    """
    reading = _Reading()
    try:
        root = os.open(folder, _OPEN | os.O_DIRECTORY)
    except OSError as error:
        raise _unreadable(folder, error) from None
    _read_level(folder, root, PurePosixPath(), reading)
    return reading.result()


def read_single(path: Path, name: str) -> HandedIn:
    """Read one Python file as `name`. Raises UserError where this machine refuses to read it."""
    reading = _Reading()
    content = _read_file(path.parent, path.name, None, clean_name(path.name), reading, limit=MAX_FILE)
    if content is not None:
        reading.keep(name, content)
    return reading.result()


def read_zip(path: Path) -> HandedIn:
    """Read the Python files and the answers of a zip in memory, counting the bytes as they come.

    Raises UserError where this machine refuses to read it.
    """
    reading = _Reading()
    data = _read_file(path.parent, path.name, None, clean_name(path.name), reading, limit=MAX_ZIP)
    if data is None:
        return reading.result()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in _usable_entries(archive, reading):
                _read_entry(archive, entry, reading)
    except _ZIP_ERRORS:
        reading.report("The zip is damaged or not a zip; it cannot be opened.")
    return reading.result()


@dataclass
class _Reading:
    """What was read so far, and the limits."""

    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    entries: int = 0
    total: int = 0

    def report(self, sentence: str) -> None:
        if sentence in self.problems:
            return
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(sentence)
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append("There are more problems of this kind.")

    def wants(self, name: str) -> bool:
        """Say whether a file of this name is to be read; reports what a student may believe is read."""
        lower = PurePosixPath(name).name.lower()
        if lower.endswith(".py") or lower in ANSWER_NAMES:
            if len(self.files) >= MAX_FILES:
                self.report(
                    f"There are more than {MAX_FILES} Python files; only the first {MAX_FILES} are read."
                )
                return False
            return True
        if lower.endswith(".ipynb"):
            self.report(f"{name} is a notebook; notebooks are not read yet: hand in Python files.")
        elif lower.endswith(ARCHIVES):
            self.report(f"{name} is an archive inside the submission; it is not opened.")
        elif lower.rpartition(".")[0] in ("answers", "answer"):
            self.report(f"{name} is not read; written answers belong in answers.md.")
        return False

    def keep(self, name: str, content: bytes) -> None:
        if self.total + len(content) > MAX_TOTAL:
            self.report(f"The submission is larger than {_mb(MAX_TOTAL)}; {name} is not read.")
            return
        self.total += len(content)
        self.files[name] = content

    def is_full(self) -> bool:
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            self.report(f"There are more than {MAX_ENTRIES} files; the rest is not looked at.")
        return self.entries > MAX_ENTRIES

    def result(self) -> HandedIn:
        files = tuple(source_file(name, content) for name, content in sorted(self.files.items()))
        return HandedIn(files=files, problems=tuple(self.problems))


def _read_level(folder: Path, descriptor: int, inside: PurePosixPath, reading: _Reading) -> None:
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
    folder: Path, descriptor: int, inside: PurePosixPath, names: list[str], reading: _Reading
) -> list[str]:
    """Read one folder's files; return the names of its subfolders."""
    subfolders: list[str] = []
    for name in names:
        if reading.is_full():
            return []
        shown = clean_name(str(inside / name))
        if stat.S_ISDIR(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode):
            subfolders.append(name)
        elif reading.wants(shown):
            content = _read_file(folder / inside, name, descriptor, shown, reading, limit=MAX_FILE)
            if content is not None:
                reading.keep(shown, content)
    return subfolders


def _read_file(
    parent: Path, name: str, descriptor: int | None, shown: str, reading: _Reading, *, limit: int
) -> bytes | None:
    try:
        opened = os.open(name if descriptor is not None else parent / name, _OPEN, dir_fd=descriptor)
    except OSError as error:
        if error.errno == errno.ELOOP:
            reading.report(f"{shown} is a symbolic link; links are not followed.")
            return None
        if error.errno == errno.ENXIO:
            reading.report(f"{shown} is not a regular file.")
            return None
        raise _unreadable(parent / clean_name(name), error) from None
    with os.fdopen(opened, "rb") as stream:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            reading.report(f"{shown} is not a regular file.")
            return None
        try:
            content = stream.read(limit + 1)
        except OSError as error:
            raise _unreadable(parent / clean_name(name), error) from None
    if len(content) > limit:
        reading.report(f"{shown} is larger than {_mb(limit)}; it is not read.")
        return None
    return content


def _usable_entries(archive: zipfile.ZipFile, reading: _Reading) -> Iterator[zipfile.ZipInfo]:
    """Yield the entries to read, nearest to the top first, as a folder is read."""
    entries = sorted(archive.infolist(), key=lambda entry: (entry.filename.count("/"), entry.filename))
    for entry in entries:
        parts = entry.filename.split("/")
        if entry.is_dir() or any(is_hidden(part) for part in parts if part not in ("", "..")):
            continue
        if reading.is_full():
            return
        shown = clean_name(entry.filename)
        mode = entry.external_attr >> 16
        is_drive = len(parts[0]) > 1 and parts[0][1] == ":"
        if "\\" in entry.filename or ".." in parts or "" in parts or is_drive or len(parts) > MAX_DEPTH + 1:
            reading.report(
                f"The zip has a file named {shown}; names that lead out of the folder are refused."
            )
        elif stat.S_ISLNK(mode):
            reading.report(f"{shown} is a symbolic link; links are not followed.")
        elif mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            reading.report(f"{shown} is not a regular file.")
        elif reading.wants(shown):
            yield entry


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, reading: _Reading) -> None:
    shown = clean_name(entry.filename)
    if entry.flag_bits & 0x1:
        reading.report(f"{shown} is locked with a password; it is not read.")
        return
    try:
        with archive.open(entry) as stream:
            content = stream.read(MAX_FILE + 1)
    except _ZIP_ERRORS:
        reading.report(f"{shown} is damaged inside the zip; it is not read.")
        return
    if len(content) > MAX_FILE:
        reading.report(f"{shown} is larger than {_mb(MAX_FILE)}; it is not read.")
        return
    if shown in reading.files:
        reading.report(f"{shown} is in the zip twice; the last one counts.")
        reading.total -= len(reading.files[shown])
    reading.keep(shown, content)


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(
        f"{clean_name(str(path))}: cannot be read: {error.strerror}\n"
        "  Make it readable for you (chmod -R u+rX on the folder), or take it out, and run again."
    )


def _mb(size: int) -> str:
    return f"{size // 1_000_000} MB"
