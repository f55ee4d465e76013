"""Says whether a value is right: one function for every judge, and the picking of the item that is judged."""

from __future__ import annotations

import numpy as np

from grader.judging.alignment import Difference, Fitted, Pair, align, fit, item_of, length_of
from grader.judging.choice import compare_choice
from grader.judging.comparison import (
    MATCH,
    combine,
    compare,
    compare_entries,
    compare_plain,
    equal_entries,
    mismatch,
    whole_number,
)
from grader.judging.wording import count_of, describe, name_list, number_text, quote
from grader.models.result import Comparison
from grader.models.rubric import Choice, Close, Exact, Judge
from grader.models.value import Array, Value

__all__ = ["PickError", "describe", "judge", "pick"]


class PickError(Exception):
    """The item that is judged is not there; the text says so to the student."""


def pick(value: Value, take: int | str) -> Value:
    """Return the item of a result that a check judges: by position, or by key. Raises PickError."""
    if isinstance(take, str):
        if isinstance(value, dict) and take in value:
            return value[take]
        raise PickError(_key_problem(value, take))
    length = length_of(value)
    if length is None:
        raise PickError(f"a tuple or list is asked, yours is {describe(value)}")
    if not -length <= take < length:
        raise PickError(f"item {take} (counted from 0) is asked, yours has {count_of(length, 'item')}")
    return item_of(value, take)


def _key_problem(value: Value, key: str) -> str:
    if not isinstance(value, dict):
        return f"a dict with the key {quote(key)} is asked, yours is {describe(value)}"
    has = f"it has {name_list(map(quote, value))}" if value else "it is empty"
    return f"`{key}` is missing from the dict; {has}"


def judge(actual: Value, expected: Value, judge: Judge, *, noise: Value = None) -> Comparison:
    """Compare an answer with the expected value as this judge does; `noise` is of use to `close` only."""
    if isinstance(judge, Close):
        return compare(actual, expected, judge, noise=noise)
    if isinstance(judge, Choice):
        return compare_choice(actual, expected)
    return compare_exact(actual, expected, judge)


def compare_exact(actual: Value, expected: Value, judge: Exact) -> Comparison:
    """Compare without any tolerance: every number, truth value and text equal, shapes too.

    With `share_axis`, the comparison's share is the part of the slices along that axis that are right.
    """
    if judge.share_axis is not None:
        shared = _compare_slices(actual, expected, judge, judge.share_axis)
        if shared is not None:
            return shared
    return combine([_compare_leaf(item, judge) for item in align(actual, expected)])


def _compare_leaf(pair: Pair | Difference, judge: Exact) -> Comparison:
    if isinstance(pair, Difference):
        return mismatch(pair.path, pair.message, pair.note)
    if not isinstance(pair.expected, (Array, bool, int, float)):
        return compare_plain(pair)
    actual, expected = whole_number(pair.actual), whole_number(pair.expected)
    if actual is not None and expected is not None:
        if actual == expected:
            return MATCH
        note = f"expected {number_text(expected)}, yours is {number_text(actual)}"
        return mismatch(pair.path, "not the number asked", note)
    fitted = fit(pair, squeeze=judge.squeeze)
    if isinstance(fitted, Difference):
        return mismatch(fitted.path, fitted.message, fitted.note)
    return compare_entries(fitted)


def _compare_slices(actual: Value, expected: Value, judge: Exact, axis: int) -> Comparison | None:
    """Compare slice by slice; None where the two are not arrays of one shape with such an axis."""
    fitted = fit(Pair("", actual, expected), squeeze=judge.squeeze)
    if isinstance(fitted, Difference) or fitted.expected.ndim <= axis or not fitted.expected.size:
        return None
    equal: np.ndarray = np.moveaxis(equal_entries(fitted.actual.data, fitted.expected), axis, 0)
    right = equal.reshape(equal.shape[0], -1).all(axis=1)
    if right.all():
        return MATCH
    wrong = name_list(str(int(i)) for i in np.flatnonzero(~right))
    count = f"{int(right.sum())} of {right.size}"
    message = f"{count} slices along axis {axis} are right; wrong: {wrong}"
    return Comparison(
        is_match=False,
        message=message,
        expected_note=_entries_note(fitted),
        share=float(right.mean()),
    )


def _entries_note(fitted: Fitted) -> str:
    return compare_entries(fitted).expected_note
