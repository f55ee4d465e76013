"""Compares an answer within a tolerance, leaf by leaf: structure, shape, kind, NaN and infinity, then values.

A message tells where, how many and how much, but no expected number: sizes of errors are powers of ten of the
values' own size. The expected numbers are in `expected_note`, for public cases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from grader.judging.alignment import HALF_DTYPES, Difference, Fitted, Pair, align, fit
from grader.judging.measurement import difference_message, difference_note, measure, real_parts, same_or_nan
from grader.judging.precision import is_clearly_right
from grader.judging.text_answer import same_text
from grader.judging.wording import count_of, describe, number_text, place
from grader.models.result import Comparison
from grader.models.rubric import Close
from grader.models.value import Array, Value

SHORT_SEQUENCE = 16
"""Up to this length, the items of a plain list or tuple have a scale each: they may be of different units."""


def compare(actual: Value, expected: Value, judge: Close, *, noise: Value = None) -> Comparison:
    """Compare an answer with the expected value within the judge's tolerance.

    `noise` is the reference's own result computed in float32; it widens the bound of float32 answers.
    """
    return combine([_compare_leaf(item, judge) for item in align(actual, expected, noise)])


def combine(leaves: Sequence[Comparison]) -> Comparison:
    """Put the comparisons of an answer's leaves together: the first difference speaks, others are counted."""
    wrong = [leaf for leaf in leaves if not leaf.is_match]
    measured = [leaf for leaf in wrong or leaves if leaf.largest_error is not None]
    worst = max(measured, key=_excess, default=None)
    largest = worst.largest_error if worst else None
    allowed = worst.allowed_error if worst else None
    if not wrong:
        return Comparison(is_match=True, largest_error=largest, allowed_error=allowed, share=1.0)
    more = f"; {count_of(len(wrong) - 1, 'other item')} of the result also wrong" if len(wrong) > 1 else ""
    return Comparison(
        is_match=False,
        message=wrong[0].message + more,
        expected_note=next((leaf.expected_note for leaf in wrong if leaf.expected_note), ""),
        largest_error=largest,
        allowed_error=allowed,
    )


def _excess(leaf: Comparison) -> float:
    return (leaf.largest_error or 0.0) - (leaf.allowed_error or 0.0)


def mismatch(path: str, message: str, note: str = "") -> Comparison:
    """Return the comparison of a leaf that is wrong; `path` says which, empty for the whole result."""
    return Comparison(
        is_match=False, message=f"{path}: {message}" if path else message, expected_note=_at(path, note)
    )


def _at(path: str, note: str) -> str:
    return f"{path}: {note}" if path and note else note


MATCH = Comparison(is_match=True, share=1.0)


def _compare_leaf(pair: Pair | Difference, judge: Close) -> Comparison:
    if isinstance(pair, Difference):
        return mismatch(pair.path, pair.message, pair.note)
    if not isinstance(pair.expected, (Array, bool, int, float)):
        return compare_plain(pair)
    actual, expected = whole_number(pair.actual), whole_number(pair.expected)
    if actual is not None and expected is not None:
        return _compare_whole(pair.path, actual, expected, judge)
    fitted = fit(pair, squeeze=judge.squeeze)
    if isinstance(fitted, Difference):
        return mismatch(fitted.path, fitted.message, fitted.note)
    if fitted.expected.dtype.kind == "b" or (_are_whole(fitted) and judge.atol == 0):
        return compare_entries(fitted)
    half = fitted.actual.dtypes & HALF_DTYPES
    if half and not judge.accept_half:
        problem = f"computed in {' and '.join(sorted(half))}, too coarse to be judged; use float32 or float64"
        return mismatch(fitted.path, problem)
    return _compare_floats(fitted, judge, groups=_groups(pair.expected))


def whole_number(value: Value) -> int | None:
    """Return a Python integer or an integer array of no axes as an integer, None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, Array) and value.data.dtype.kind in "iu" and not value.data.ndim:
        return int(value.data.item())
    return None


def compare_plain(pair: Pair) -> Comparison:
    """Compare a leaf that is no number: a text by its words, `None` and given functions by identity."""
    actual, expected = pair.actual, pair.expected
    if isinstance(expected, str):
        if isinstance(actual, str) and same_text(actual, expected):
            return MATCH
        if isinstance(actual, str):
            note = f"expected {describe(expected)}, yours is {describe(actual)}"
            return mismatch(pair.path, "not the text asked", note)
        return mismatch(
            pair.path, f"a text is asked, yours is {describe(actual)}", f"expected {describe(expected)}"
        )
    if type(actual) is type(expected) and actual == expected:
        return MATCH
    return mismatch(
        pair.path, f"not what is asked: yours is {describe(actual)}", f"expected {describe(expected)}"
    )


def _compare_whole(path: str, actual: int, expected: int, judge: Close) -> Comparison:
    # Python compares integers with a float exactly, whatever their size.
    if abs(actual - expected) <= judge.atol:
        return MATCH
    return mismatch(
        path, "not the number asked", f"expected {number_text(expected)}, yours is {number_text(actual)}"
    )


def _are_whole(fitted: Fitted) -> bool:
    return fitted.expected.dtype.kind in "iu" and fitted.actual.data.dtype.kind in "iu"


def _groups(expected: Value) -> int:
    if isinstance(expected, Array) and expected.origin == "sequence" and expected.data.ndim:
        length = int(expected.data.shape[0])
        return length if 0 < length <= SHORT_SEQUENCE and expected.data.size else 1
    return 1


def compare_entries(fitted: Fitted) -> Comparison:
    """Compare entry by entry without any tolerance; NaN equals NaN."""
    equal = equal_entries(fitted.actual.data, fitted.expected)
    if equal.all():
        return MATCH
    wrong = np.flatnonzero(~equal)
    index = np.unravel_index(wrong[0], equal.shape)
    values = number_text(fitted.expected[index]), number_text(fitted.actual.data[index])
    if not equal.ndim:
        word = "choice" if fitted.expected.dtype.kind == "b" else "number"
        return mismatch(fitted.path, f"not the {word} asked", f"expected {values[0]}, yours is {values[1]}")
    message = f"{wrong.size} of {equal.size} values differ; first at {place(index)}"
    return mismatch(fitted.path, message, f"expected {values[0]} at {place(index)}, yours is {values[1]}")


def equal_entries(actual: np.ndarray, expected: np.ndarray) -> npt.NDArray[np.bool_]:
    """Tell for each entry whether the two are the same number, exactly; NaN is the same as NaN."""
    kinds = actual.dtype.kind + expected.dtype.kind
    if set(kinds) <= set("biu"):
        # Wrapped to 64 bits and with their signs, integers of two types compare exactly; floats would round.
        same = actual.astype(np.uint64) == expected.astype(np.uint64)
        return np.asarray(same & ((actual < 0) == (expected < 0)))
    if "f" in kinds and set(kinds) & set("biu"):
        return np.asarray(actual.astype(object) == expected.astype(object)).astype(np.bool_)
    if "c" in kinds:
        parts = [real_parts(side.astype(np.complex128)) for side in (actual, expected)]
        return np.asarray(same_or_nan(parts[0], parts[1]).all(axis=-1))
    return same_or_nan(actual.astype(np.float64), expected.astype(np.float64))


def _compare_floats(fitted: Fitted, judge: Close, *, groups: int) -> Comparison:
    if not fitted.expected.size or is_clearly_right(fitted.actual.data, fitted.expected, judge.rtol):
        return MATCH
    measured = measure(fitted, judge, groups=groups)
    worst = measured.worst
    error, allowed = float(measured.error.flat[worst]), float(measured.allowed.flat[worst])
    errors = {"largest_error": error, "allowed_error": allowed} if np.isfinite(error) else {}
    if not measured.wrong.any():
        return MATCH.model_copy(update=errors)
    found = mismatch(measured.path, difference_message(measured), difference_note(measured))
    return found.model_copy(update=errors)
