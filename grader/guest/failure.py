"""What a student's exception looks like from outside: type, message, and the lines of the student's own files."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Collection
from typing import Any

from grader.guest.source import InvalidSource

_MAX_MESSAGE = 500
_MAX_FRAMES = 12


def describe(error: BaseException, files: Collection[str]) -> dict[str, Any]:
    """Return the fields of a `raised` message; `files` are the names that count as the student's own."""
    file: str | None
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    line = frames[-1].lineno if frames else None
    file = frames[-1].filename if frames else ""
    if isinstance(error, SyntaxError) and error.filename in files:
        line, file = error.lineno, error.filename
    if isinstance(error, InvalidSource):
        line, file = error.line, error.file
    return {
        "type": type(error).__name__[:80],
        "message": _text(error),
        "file": file,
        "line": line,
        "source": linecache.getline(file, line).strip()[:200] if file and line else "",
        "trace": [[f.filename, f.lineno or 0, f.name[:80]] for f in frames[-_MAX_FRAMES:]],
    }


def _text(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return str(error.msg)[:_MAX_MESSAGE]
    try:
        return str(error)[:_MAX_MESSAGE]
    except BaseException:
        return "(its message cannot be printed)"
