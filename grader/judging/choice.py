"""Compares a picked option: true or false in any of their spellings, a word, or a set of words."""

from __future__ import annotations

import re

from grader.judging.alignment import item_of, length_of
from grader.judging.comparison import MATCH, combine, mismatch
from grader.judging.text_answer import normalise
from grader.judging.wording import count_of, describe, name_list, quote
from grader.models.result import Comparison
from grader.models.value import Array, Value

_TRUTH = {
    "true": True,
    "yes": True,
    "t": True,
    "y": True,
    "false": False,
    "no": False,
    "f": False,
    "n": False,
}
_WORDS_FOR_TRUTH = frozenset({"true", "false", "yes", "no"})


def compare_choice(actual: Value, expected: Value, *, path: str = "") -> Comparison:
    """Compare the picked option, or each of the picked options of a dict or a list of truth values."""
    if isinstance(expected, dict):
        return _compare_keys(actual, expected, path)
    if _is_truth_list(expected):
        return _compare_in_order(actual, expected, path)
    if length_of(expected) is not None:
        return _compare_set(actual, expected, path)
    wanted = truth_of(expected) if _asks_truth(expected) else None
    if wanted is not None:
        picked = truth_of(actual)
        if picked is None:
            return mismatch(
                path, f"True or False is asked, yours is {describe(actual)}", f"expected {wanted}"
            )
        return MATCH if picked is wanted else mismatch(path, "not the right choice", f"expected {wanted}")
    option = option_of(actual)
    if option is None:
        return mismatch(
            path, f"one option is asked, yours is {describe(actual)}", f"expected {describe(expected)}"
        )
    if option == option_of(expected):
        return MATCH
    return mismatch(
        path, "not the right choice", f"expected {describe(expected)}, yours is {describe(actual)}"
    )


def truth_of(value: Value) -> bool | None:
    """Read a truth value: a boolean, 0 or 1, or a word for it; None if it is none of these."""
    value = _plain(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return bool(value) if value in (0, 1) else None
    return _TRUTH.get(normalise(value)) if isinstance(value, str) else None


def option_of(value: Value) -> str | None:
    """Return the normal form of an option, a text or a number; None if it is neither."""
    value = _plain(value)
    if isinstance(value, str):
        return normalise(value)
    if isinstance(value, (bool, int)):
        return normalise(describe(value))
    if isinstance(value, float):
        return option_of(int(value)) if value.is_integer() else normalise(describe(value))
    return None


def _plain(value: Value) -> Value:
    """Return the number in an array of no axes as a Python number, anything else as it is."""
    if isinstance(value, Array) and not value.data.ndim and value.data.dtype.kind in "biuf":
        plain: bool | int | float = value.data.item()
        return plain
    return value


def _asks_truth(expected: Value) -> bool:
    plain = _plain(expected)
    return isinstance(plain, bool) or (isinstance(plain, str) and normalise(plain) in _WORDS_FOR_TRUTH)


def _is_truth_list(expected: Value) -> bool:
    if isinstance(expected, Array):
        return expected.data.ndim > 0 and expected.data.dtype.kind == "b"
    return isinstance(expected, (list, tuple)) and any(isinstance(_plain(item), bool) for item in expected)


def _compare_keys(actual: Value, expected: dict[str, Value], path: str) -> Comparison:
    if not isinstance(actual, dict):
        asked = f"a dict with the keys {name_list(map(quote, expected))} is asked"
        return mismatch(path, f"{asked}, yours is {describe(actual)}")
    missing = [key for key in expected if key not in actual]
    unknown = [key for key in actual if key not in expected]
    parts = [("missing", missing), ("not asked for", unknown)]
    words = [f"{word}: {name_list(map(quote, keys))}" for word, keys in parts if keys]
    found = [mismatch(path, f"the dict's keys differ; {'; '.join(words)}")] if words else []
    for key, item in expected.items():
        if key in actual:
            found.append(compare_choice(actual[key], item, path=f"{path or 'result'}[{quote(key)}]"))
    return combine(found)


def _compare_in_order(actual: Value, expected: Value, path: str) -> Comparison:
    length, wanted = length_of(actual), length_of(expected) or 0
    if length != wanted:
        asked = f"a list of {count_of(wanted, 'choice')} is asked"
        yours = describe(actual) if length is None else f"a list of {length}"
        return mismatch(path, f"{asked}, yours is {yours}")
    start = path or "result"
    items = [(item_of(actual, i), item_of(expected, i), f"{start}[{i}]") for i in range(wanted)]
    return combine([compare_choice(picked, item, path=place) for picked, item, place in items])


def _compare_set(actual: Value, expected: Value, path: str) -> Comparison:
    picked, wanted = _options(actual), _options(expected)
    if picked is None:
        return mismatch(path, f"a list of options is asked, yours is {describe(actual)}")
    if wanted is not None and picked == wanted:
        return MATCH
    note = f"expected {name_list(map(quote, sorted(wanted or ())))}"
    return mismatch(path, "not the right set of options", note)


def _options(value: Value) -> frozenset[str] | None:
    """Return a set of options in their normal form; a text may list them, parted by commas or semicolons."""
    length = length_of(value)
    if length is not None:
        found = [option_of(item_of(value, i)) for i in range(length)]
    elif isinstance(value, str):
        found = [normalise(part) for part in re.split(r"[,;]", value) if part.strip()]
    else:
        found = [option_of(value)]
    options = frozenset(option for option in found if option is not None)
    return options if len(found) == sum(option is not None for option in found) else None
