"""What is wrong with one value of a rubric, in plain words for each kind of error that pydantic reports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.rubric.problem import did_you_mean, shown
from grader.rubric.yaml_tree import YamlPath

CHECK_KINDS = ("value", "call", "module", "prose")

_TYPES = {
    "bool_type": "true or false", "bool_parsing": "true or false", "int_type": "a whole number",
    "int_from_float": "a whole number", "float_type": "a number", "string_type": "text",
    "none_required": "null",
    "list_type": "a list", "tuple_type": "a list", "dict_type": "a mapping", "model_type": "a mapping",
    "model_attributes_type": "a mapping", "int_parsing": "a whole number", "float_parsing": "a number",
}  # fmt: skip
_FIXES = {
    "true or false": "write true or false",
    "a whole number": "write digits without quotes",
    "a number": "write a number without quotes",
    "text": "put it in quotes",
    "a list": "write [ … ] or one `- ` line an item",
    "a mapping": "write `key: value` lines, indented under it",
}
_BOUNDS = {
    "greater_than": ("gt", "above"), "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"), "less_than_equal": ("le", "at most"),
}  # fmt: skip
_PATTERNS = {
    "^[A-Za-z_]": ("a Python name", "use letters, digits and _"),
    "^[a-z]": ("an id", "use lower-case letters, digits, _ and . and begin with a letter"),
    "^[A-Za-z0-9_]": (
        "a file name",
        "use letters, digits, _ . - and / without a leading one of the last three",
    ),
}


@dataclass(frozen=True, slots=True)
class Error:
    """All that pydantic says about one path. `kind` is the most telling of its error types."""

    path: YamlPath
    kind: str
    context: Mapping[str, Any]
    types: tuple[str, ...]
    value: Any

    @classmethod
    def of(cls, path: YamlPath, details: Sequence[tuple[str, Mapping[str, Any]]], value: Any) -> Error:
        """Join the errors of one path; an error of content says more than one of type."""
        telling = [detail for detail in details if detail[0] not in _TYPES] or list(details)
        types = tuple(dict.fromkeys(_TYPES[kind] for kind, _ in details if kind in _TYPES))
        return cls(path, telling[0][0], telling[0][1], types, value)

    @property
    def is_type_only(self) -> bool:
        """Nothing but a value of the wrong kind."""
        return self.kind in _TYPES

    @property
    def is_key(self) -> bool:
        """The key is wrong, not what stands there."""
        return self.kind == "string_pattern_mismatch" and not isinstance(self.value, str)


def words_for(error: Error, known: Sequence[str]) -> tuple[str, str]:
    """Return (problem, fix). `known` are the keys that may stand beside the last of the path."""
    name = _name(error.path)
    if error.kind == "missing":
        return f"`{name}` is missing", f"add `{error.path[-1]}: …`"
    if error.kind == "extra_forbidden":
        return f"no key `{_cut(error.path[-1])}` here", did_you_mean(
            str(error.path[-1]), known, otherwise="the keys are"
        )
    if error.kind.startswith("union_tag"):
        return (
            _check_words(error) if len(error.path) == 3 and error.path[0] == "parts" else _judge_words(error)
        )
    if error.kind == "literal_error":
        choices = re.findall(r"'([^']*)'", str(error.context.get("expected", "")))
        return f"`{name}` cannot be {shown(error.value)}", did_you_mean(
            str(error.value), choices, otherwise="write one of"
        )
    if error.is_type_only:
        return _type_words(error, name)
    return _content_words(error, name)


def _type_words(error: Error, name: str) -> tuple[str, str]:
    if error.types == ("true or false", "a whole number", "a number", "text", "a list"):
        return f"`{name}` is a mapping", "write a number, true, false, null, an expression or a list of these"
    wanted = " or ".join(error.types)
    return f"`{name}` must be {wanted}, got {shown(error.value)}", _FIXES.get(
        error.types[0], f"write {wanted}"
    )


def _content_words(error: Error, name: str) -> tuple[str, str]:
    got = shown(error.value)
    if error.kind in _BOUNDS:
        key, word = _BOUNDS[error.kind]
        limit = f"{error.context[key]:g}"
        return f"`{name}` must be {word} {limit}, got {got}", f"write a number {word} {limit}"
    if error.kind == "finite_number":
        return f"`{name}` must be finite, got {got}", "write a finite number"
    if error.kind == "string_pattern_mismatch":
        return _pattern_words(error, name)
    if error.kind == "string_too_long":
        return f"`{name}` is longer than {error.context['max_length']} characters", "shorten it"
    if error.kind in ("string_too_short", "too_short"):
        return (
            f"`{name}` is empty",
            "write at least one entry" if error.kind == "too_short" else "write a text",
        )
    return f"`{name}` cannot be {got}", "see the table of keys in docs/rubrics.md"


def _pattern_words(error: Error, name: str) -> tuple[str, str]:
    start = str(error.context.get("pattern", "")).partition("]")[0] + "]"
    thing, fix = _PATTERNS.get(start, ("a valid name", "use letters, digits and _"))
    if error.is_key:
        return f"the key `{_cut(error.path[-1])}` is not {thing}", fix
    return f"`{name}` must be {thing}, got {shown(error.value)}", fix


def _check_words(error: Error) -> tuple[str, str]:
    if not isinstance(error.value, dict):
        return (
            f"a check must be a mapping, got {shown(error.value)}",
            "write `- value: name` or another kind of check",
        )
    kinds = [kind for kind in CHECK_KINDS if kind in error.value]
    if kinds:
        return f"this check has both `{kinds[0]}` and `{kinds[1]}`", "make two checks of it"
    slip = next(
        (key for key in error.value if did_you_mean(key, CHECK_KINDS, otherwise="").startswith("did")), None
    )
    hint = did_you_mean(slip, CHECK_KINDS, otherwise="") if slip else "add one of them"
    return "this check has none of `value`, `call`, `module`, `prose`", hint


def _judge_words(error: Error) -> tuple[str, str]:
    tag = error.context.get("tag")
    choices = ("close", "exact", "choice")
    if tag is None:
        return "this judge has no `kind`", "add `kind: close`, `kind: exact` or `kind: choice`"
    return f"there is no judge {shown(tag)}", did_you_mean(str(tag), choices, otherwise="the judges are")


def _name(path: YamlPath) -> str:
    """The last key of the path, and the number of the item in it where there is one."""
    names = [word for word in path if isinstance(word, str)]
    place = f" item {path[-1] + 1}" if path and isinstance(path[-1], int) else ""
    return _cut(names[-1] + place) if names else "the file"


def _cut(word: str | int) -> str:
    text = ascii(str(word))[1:-1]
    return text if len(text) <= 60 else f"{text[:57]}..."
