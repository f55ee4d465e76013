"""Turns the bytes of a student's file into text and a syntax tree, or into a sentence that says why not."""

from __future__ import annotations

import ast
import codecs
import io
import tokenize
import warnings

_ENCODINGS = {"utf-8", "utf-8-sig", "ascii", "iso8859-1", "cp1252"}
_MAX_SHOWN = 120


class InvalidSource(ValueError):
    """A file cannot be read as Python; `line` counts from 1, None where no line is to blame."""

    def __init__(self, problem: str, line: int | None = None, source_line: str = "") -> None:
        place = f"line {line}: " if line else ""
        shown = source_line.strip()[:_MAX_SHOWN]
        super().__init__(f"{place}{problem}" + (f" It reads: {shown}" if shown else ""))
        self.problem = problem
        self.line = line
        self.source_line = shown
        self.file = ""


def decode(source: bytes) -> str:
    """Return the text of a Python file, by its byte order mark and encoding line. Raises InvalidSource."""
    if b"\0" in source:
        line = source.count(b"\n", 0, source.index(b"\0")) + 1
        raise InvalidSource("there is a zero byte; save the file as plain text (UTF-8).", line)
    encoding = _encoding(source)
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        # A byte order mark is cut off before the decoder counts; no line ends in it, so the line stays right.
        line = source.count(b"\n", 0, error.start) + 1
        raise InvalidSource(f"a character is not {encoding}; save the file as UTF-8.", line) from None


def parse(source: bytes) -> ast.Module:
    """Return the syntax tree of a Python file. Raises InvalidSource."""
    text = decode(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # "\d" in a plain string: not worth a line on the student's screen
            return ast.parse(text)
    except SyntaxError as error:
        problem = f"Python cannot read this ({error.msg})."
        raise InvalidSource(problem, error.lineno, error.text or "") from None
    except (RecursionError, MemoryError):
        raise InvalidSource("an expression is nested too deeply; split it over several lines.") from None
    except ValueError as error:  # an integer of more than 4300 digits, a lone surrogate
        raise InvalidSource(f"Python cannot read this file ({error}).") from None


def _encoding(source: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        known = codecs.lookup(encoding).name
    except (SyntaxError, LookupError, ValueError) as error:
        if isinstance(error, SyntaxError) and "invalid or missing encoding" in str(error):
            return "utf-8"  # let the decoder name the line
        raise InvalidSource("the encoding line names no known encoding; save the file as UTF-8.", 1) from None
    if known not in _ENCODINGS:
        raise InvalidSource(f"the encoding {encoding[:40]} is not accepted; save the file as UTF-8.", 1)
    return encoding
