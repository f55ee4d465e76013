"""Read a zip into memory: by its own directory, entry by entry, counting bytes as they come; writes nothing."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from grader.submissions.reading import MAX_DEPTH, MAX_FILE, Reading, clean_name, is_hidden

MAX_RECORDS = 50_000
_RECORD = b"PK\1\2"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError, EOFError,
    OSError, ValueError, OverflowError, IndexError,
)  # fmt: skip


def read_zip_bytes(data: bytes, reading: Reading) -> None:
    """Take the Python files and the answers of a zip; whatever is wrong with it is reported."""
    if (
        data.count(_RECORD) > MAX_RECORDS
    ):  # a record costs 46 bytes in the file and a kilobyte once it is read
        reading.report(f"The zip lists more than {MAX_RECORDS} files; it is not opened.")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in _usable(archive, reading):
                _read(archive, entry, reading)
    except _ERRORS:
        reading.report("The zip is damaged or not a zip; it cannot be opened.")


def _usable(archive: zipfile.ZipFile, reading: Reading) -> Iterator[zipfile.ZipInfo]:
    """Yield the entries to read, nearest to the top first, as a folder is read."""
    entries = sorted(archive.infolist(), key=lambda entry: (entry.filename.count("/"), entry.filename))
    for entry in entries:
        parts = entry.filename.split("/")
        if entry.is_dir() or ("\\" not in entry.filename and any(map(_is_left_behind, parts))):
            continue
        if reading.is_full():
            return
        shown = clean_name(entry.filename)
        problem = _problem(entry, shown, parts)
        if problem:
            reading.report(problem)
        elif reading.wants(shown):
            yield entry


def _is_left_behind(part: str) -> bool:
    return part not in (".", "..") and is_hidden(part)


def _problem(entry: zipfile.ZipInfo, shown: str, parts: list[str]) -> str:
    """Say what forbids to read an entry, by its directory record alone; empty for none."""
    mode = entry.external_attr >> 16
    is_drive = len(parts[0]) > 1 and parts[0][1] == ":"
    leads_out = "\\" in entry.filename or is_drive or any(part in ("", ".", "..") for part in parts)
    if leads_out or len(parts) > MAX_DEPTH + 1:
        return f"The zip has a file named {shown[:300]}; names that lead out of the folder are refused."
    if "\0" in entry.orig_filename:
        return f"The zip has a file whose name has a zero byte behind {shown[:300]}; it is not read."
    if stat.S_ISLNK(mode):
        return f"{shown} is a symbolic link; links are not followed."
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return f"{shown} is not a regular file."
    return ""


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, reading: Reading) -> None:
    shown = clean_name(entry.filename)
    if entry.flag_bits & 0x1:
        reading.report(f"{shown} is locked with a password; it is not read.")
        return
    if entry.compress_type not in _METHODS:  # LZMA lets the file choose how much memory reading it takes
        reading.report(f"{shown} is packed in a way that is not read; pack it as an ordinary zip.")
        return
    try:
        with archive.open(entry) as stream:
            content = stream.read(MAX_FILE + 1)
    except _ERRORS:
        reading.report(f"{shown} is damaged inside the zip; it is not read.")
        return
    if shown in reading.files:
        reading.report(f"{shown} is in the zip twice; the last one counts.")
    reading.keep(shown, content)
