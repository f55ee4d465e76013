"""Faults in the text of a YAML file, found before or by the parser, in words for the person who wrote it."""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

# Control characters, and separators that only YAML counts as line ends: line numbers would be off.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^\s#])", re.MULTILINE)
_MAX_FAULTS = 20
_MAX_CALL = 500

_WORDS = (
    ("could not find expected ':'", "a key without its colon", "write `key: value`, and quote longer texts"),
    ("mapping values are not allowed", "a colon where no key can stand",
     "indent the line like its neighbours, or put text with a colon in quotes"),
    ("tab character", "a tab in the indentation", "use spaces"),
    ("invalid Unicode", "a backslash escape that is no character", "put the text in 'single quotes'"),
    ("unknown escape", "a backslash escape that YAML does not know", "put the text in 'single quotes'"),
    ("escape", "a broken backslash escape", "put the text in 'single quotes'"),
    ("did not find expected '-'", "this line does not belong to the list above it",
     "begin it with `- `, or indent it"),
    ("did not find expected key", "the indentation does not fit the lines above, or a quote ended early",
     "line the keys up, and quote whole texts"),
    ("expected ',' or", "a comma or a closing bracket is missing before this",
     "close the bracket, or put text with brackets in quotes"),
    ("expected node content", "a value is missing here", "write a value, or remove the comma or bracket"),
    ("undefined tag handle", "a `!` tag", "remove it, or put the text in quotes"),
    ("sequence entries are not allowed", "a `- ` item where no list can stand",
     "begin the list on a line of its own"),
    ("nested", "nested too deeply", "flatten the data"),
)  # fmt: skip


class Fault(NamedTuple):
    """A fault of a text, not yet of a file; counted from 1."""

    line: int
    column: int
    what: str
    fix: str


def text_faults(text: str) -> list[Fault]:
    """Characters that no rubric may hold."""
    found = _UNPRINTABLE.finditer(text)
    fix = "remove it (it may be invisible in an editor)"
    return [
        Fault(*_place(text, match.start()), f"the control character U+{ord(match[0]):04X}", fix)
        for match, _ in zip(found, range(_MAX_FAULTS), strict=False)
    ]


def tab_faults(text: str) -> list[Fault]:
    """Lines that are indented by a tab: the usual cause when a file does not parse."""
    found = _TAB_INDENT.finditer(text)
    return [
        Fault(*_place(text, match.start() + match[0].index("\t")), "a tab in the indentation", "use spaces")
        for match, _ in zip(found, range(_MAX_FAULTS), strict=False)
    ]


def yaml_fault(error: yaml.YAMLError, text: str) -> Fault:
    """Where the parser gave up, and why."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Fault(1, 1, "not readable as YAML", "check the file's first lines")
    problem, mark = error.problem or "", error.problem_mark
    if "end of stream" in problem and error.context_mark is not None:
        mark = error.context_mark
        return Fault(
            mark.line + 1, mark.column + 1, "a quote that is never closed", "close it with the same quote"
        )
    line, column = mark.line + 1, mark.column + 1
    if "cannot start any token" in problem:
        return _bad_start(text, mark.index, line, column)
    for words, what, fix in _WORDS:
        if words in problem:
            return Fault(line, column, what, fix)
    return Fault(line, column, f"not YAML: {problem}", "check the quotes, colons and indentation here")


def unquoted_call(text: str, start: int) -> str | None:
    """The whole `name(…)` that begins at `start`, on one line; None if its parentheses do not close there."""
    depth = 0
    for position in range(start, min(len(text), start + _MAX_CALL)):
        character = text[position]
        if character == "\n":
            return None
        depth += (character == "(") - (character == ")")
        if character == ")" and depth == 0:
            return text[start : position + 1]
    return None


def _bad_start(text: str, index: int, line: int, column: int) -> Fault:
    character = text[index : index + 1]
    if character == "\t":
        return Fault(line, column, "a tab in the indentation", "use spaces")
    return Fault(line, column, f"a value cannot begin with `{character}`", "put the text in quotes")


def _place(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
