"""YAML data to a record of a rubric: every fault that pydantic finds, at its place and in our own words.

After a fault the data is mended with a stand-in and read again: checks across fields still see the rest.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from grader.models.base import Model
from grader.models.rubric import (
    CallCheck,
    Cases,
    Catch,
    Choice,
    Close,
    Exact,
    Limits,
    ModuleCheck,
    ProseCheck,
    ValueCheck,
)
from grader.rubric.problem import Problem, nearest
from grader.rubric.words import CHECK_KINDS, Error, words_for
from grader.rubric.yaml_source import YamlSource
from grader.rubric.yaml_tree import YamlPath

M = TypeVar("M", bound=Model)

_ROUNDS = 12
_CHECKS: dict[str, type[Model]] = {
    "value": ValueCheck,
    "call": CallCheck,
    "module": ModuleCheck,
    "prose": ProseCheck,
}
_JUDGES: dict[str, type[Model]] = {"close": Close, "exact": Exact, "choice": Choice}
_PROSE = {"prose": "?", "points": 1}
_MISSING: dict[str, Any] = {
    "question": "a", "exam": "a", "title": "?", "file": "a.py", "points": 1, "parts": {"a": [_PROSE]},
    "credit": 0, "say": "?", "weights": {}, "cases": {}, "measure": "modes", "arrays": "torch",
    "questions": ["a"], "kind": "close",
}  # fmt: skip
_ITEMS: dict[str, Any] = {
    "questions": "a", "forbid": "autograd", "public": {}, "hidden": {},
    "catch": {"equals": 0, "credit": 0, "say": "?"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading(Generic[M]):
    """A record, None where too little is left of it; `broken`: the paths that a problem names already."""

    record: M | None
    problems: tuple[Problem, ...]
    broken: frozenset[YamlPath]

    def is_broken(self, path: YamlPath) -> bool:
        """A problem was reported at this path or around it: what stands there now is a stand-in."""
        return _covers(self.broken, path)


def read_record(source: YamlSource, model: type[M]) -> Reading[M]:
    """Read a record from YAML data, in strict types: no text is taken for a number, no number for true."""
    if not isinstance(source.data, dict):
        what = "the file is empty" if source.data is None else "the file is not a mapping of keys to values"
        fix = "begin with `" + next(iter(model.model_fields)) + ": …`"
        return Reading(None, (source.problem(source.value_mark(()), what, fix),), frozenset({()}))
    data = copy.deepcopy(source.data)
    problems: list[Problem] = []
    broken = set(source.broken)
    for _ in range(_ROUNDS):
        try:
            # Strict JSON, not Python: its lists may become tuples, and nothing else is bent into shape.
            record = model.model_validate_json(json.dumps(data), strict=True)
            return Reading(record, tuple(problems), frozenset(broken))
        except ValidationError as error:
            errors = _located(error, data)
        problems += [
            _problem(source, data, model, one) for one in errors if _is_news(one, errors, broken, data, model)
        ]
        broken |= {one.path for one in errors}
        for one in errors:
            _mend(data, one)
    return Reading(None, tuple(problems), frozenset(broken | {()}))


def _located(error: ValidationError, data: Any) -> list[Error]:
    """One error a path: the alternatives of a union are joined, and give way to errors further inside."""
    by_path: dict[YamlPath, list[tuple[str, Mapping[str, Any]]]] = {}
    for detail in error.errors(include_url=False, include_input=False):
        path = _path(detail["loc"], data, is_missing=detail["type"] == "missing")
        by_path.setdefault(path, []).append((detail["type"], detail.get("ctx", {})))
    inner = {path[:end] for path in by_path for end in range(len(path))}
    errors = [Error.of(path, details, _value(data, path)) for path, details in by_path.items()]
    return [one for one in errors if not (one.is_type_only and one.path in inner)]


def _path(loc: tuple[str | int, ...], data: Any, *, is_missing: bool) -> YamlPath:
    """A path into the data from pydantic's `loc`, which also names the branches of unions."""
    words = loc[:3] + loc[4:] if loc[0] == "parts" and len(loc) > 3 else loc
    path: list[str | int] = []
    for word in words:
        is_item = isinstance(data, list) and isinstance(word, int) and word < len(data)
        if is_item or (isinstance(data, dict) and word in data):
            path.append(word)
            data = data[word]
    return (*path, words[-1]) if is_missing else tuple(path)


def _value(data: Any, path: YamlPath) -> Any:
    """What stands at a path, None if nothing does."""
    for word in path:
        is_item = isinstance(data, list) and isinstance(word, int) and word < len(data)
        if not is_item and not (isinstance(data, dict) and word in data):
            return None
        data = data[word]
    return data


def _is_news(error: Error, errors: list[Error], broken: set[YamlPath], data: Any, model: type[Model]) -> bool:
    """False for what follows from a known problem: a stand-in, or a key missing because it is misspelt."""
    if _covers(broken, error.path):
        return False
    if error.kind != "missing":
        return True
    slips = [one for one in errors if one.kind == "extra_forbidden" and one.path[:-1] == error.path[:-1]]
    return not any(
        nearest(str(slip.path[-1]), known_keys(slip.path[:-1], data, model)) == error.path[-1]
        for slip in slips
    )


def _problem(source: YamlSource, data: Any, model: type[Model], error: Error) -> Problem:
    what, fix = words_for(error, known_keys(error.path[:-1], data, model))
    if error.kind == "missing":
        parent = error.path[:-1]
        is_named = bool(parent) and isinstance(parent[-1], str)
        return source.problem(source.key_mark(parent) if is_named else source.value_mark(parent), what, fix)
    is_about_key = error.kind == "extra_forbidden" or error.is_key
    return source.problem(
        source.key_mark(error.path) if is_about_key else source.value_mark(error.path), what, fix
    )


def known_keys(path: YamlPath, data: Any, model: type[Model]) -> tuple[str, ...]:
    """The keys that a mapping of a rubric may have, by where it stands."""
    names = [word for word in path if isinstance(word, str)]
    value = _value(data, path)
    value = value if isinstance(value, dict) else {}
    if not path:
        return tuple(model.model_fields)
    if names[-1] == "judge":
        return tuple(_JUDGES.get(str(value.get("kind")), Close).model_fields)
    if names[-1] == "limits":
        return tuple(Limits.model_fields)
    if names[-1] == "catch":
        return tuple(Catch.model_fields)
    if names[-1] == "cases" or (path[0] == "cases" and len(path) == 2):
        return tuple(Cases.model_fields)
    if path[0] == "parts" and len(path) == 3:
        kinds = [kind for kind in CHECK_KINDS if kind in value]
        return tuple(_CHECKS[kinds[0]].model_fields) if len(kinds) == 1 else CHECK_KINDS
    return ()


def _mend(data: Any, error: Error) -> None:
    """Put a stand-in where the error is, or remove what is wrong, so that the rest can be read."""
    if not error.path:
        return
    parent, last = _value(data, error.path[:-1]), error.path[-1]
    if error.kind == "missing" and isinstance(parent, dict):
        parent[str(last)] = copy.deepcopy(_MISSING.get(str(last)))
    elif isinstance(parent, dict) and last in CHECK_KINDS and error.kind != "extra_forbidden":
        parent[last] = "a"  # Without its kind the whole check would be lost.
    elif isinstance(parent, dict):
        parent.pop(last, None)
    elif isinstance(parent, list) and isinstance(last, int):
        names = [word for word in error.path if isinstance(word, str)]
        parent[last] = copy.deepcopy(
            _PROSE if error.path[0] == "parts" and len(error.path) == 3 else _ITEMS.get(names[-1], 0)
        )


def _covers(broken: set[YamlPath] | frozenset[YamlPath], path: YamlPath) -> bool:
    return any(path[:end] in broken for end in range(len(path) + 1))
