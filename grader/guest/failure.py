"""What a student's exception looks like from outside: type, message, and the lines of the student's own files."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Collection
from typing import Any

from grader.guest.source import InvalidSource

_MAX_MESSAGE = 500
_MAX_FRAMES = 12
_NAME = vars(type)["__name__"].__get__  # past a metaclass with a `__name__` of its own


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
        "type": _sendable(_NAME(type(error)))[:80],
        "message": _text(error),
        "file": file,
        "line": line,
        "source": linecache.getline(file, line).strip()[:200] if file and line else "",
        "trace": [[f.filename, f.lineno or 0, _sendable(f.name)[:80]] for f in frames[-_MAX_FRAMES:]],
    }


def _text(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return _sendable(str(error.msg))[:_MAX_MESSAGE]
    try:
        return _sendable(str(error))[:_MAX_MESSAGE]
    except BaseException:
        return "(its message cannot be printed)"


def _sendable(text: str) -> str:
    """Return plain text that UTF-8 can write: a lone surrogate becomes its escape."""
    return str.encode(text, "utf-8", "backslashreplace").decode("utf-8")
