"""Lays an answer beside the expected value: which leaf answers to which, and whether shapes and kinds fit.

A list is as good as a tuple; a regular list of numbers or arrays is as good as an array, and the other way
round. Nothing is broadcast. What does not fit is a `Difference` in the student's words; judges do the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grader.judging.wording import count_of, describe, name_list, quote
from grader.models.value import Array, Value

HALF_DTYPES = frozenset({"float16", "bfloat16"})


@dataclass(frozen=True, slots=True)
class Pair:
    """One expected leaf and what the student has in its place. `path` is empty or like `result[1]['w']`."""

    path: str
    actual: Value
    expected: Value
    noise: Value = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Why two values cannot be right; `message` holds no expected number, `note` may."""

    path: str
    message: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers as one plain array, with the names of the dtypes they were made of."""

    data: np.ndarray
    dtypes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A pair whose shapes and kinds fit: all arrays have the expected shape."""

    path: str
    actual: Numbers
    expected: np.ndarray
    noise: np.ndarray | None


def align(
    actual: Value, expected: Value, noise: Value = None, *, path: str = ""
) -> Iterator[Pair | Difference]:
    """Walk along the expected value and yield each of its leaves beside the student's, in order."""
    if isinstance(expected, dict):
        yield from _align_dict(actual, expected, noise, path)
    elif isinstance(expected, (list, tuple)):
        yield from _align_items(actual, expected, noise, path)
    else:
        yield Pair(path, actual, expected, noise)


def _align_dict(
    actual: Value, expected: dict[str, Value], noise: Value, path: str
) -> Iterator[Pair | Difference]:
    if not isinstance(actual, dict):
        asked = f"a dict with the keys {name_list(map(quote, expected))}"
        yield Difference(path, f"{asked} is asked, yours is {describe(actual)}")
        return
    missing = [key for key in expected if key not in actual]
    unknown = [key for key in actual if key not in expected]
    if missing or unknown:
        parts = [("missing", missing), ("not asked for", unknown)]
        words = [f"{word}: {name_list(map(quote, keys))}" for word, keys in parts if keys]
        yield Difference(path, f"the dict's keys differ; {'; '.join(words)}")
    for key, item in expected.items():
        if key in actual:
            beside = noise.get(key) if isinstance(noise, dict) else None
            yield from align(actual[key], item, beside, path=f"{path or 'result'}[{quote(key)}]")


def _align_items(
    actual: Value, expected: list[Value] | tuple[Value, ...], noise: Value, path: str
) -> Iterator[Pair | Difference]:
    length = length_of(actual)
    asked = f"a list of {count_of(len(expected), 'item')} is asked"
    if length is None:
        yield Difference(path, f"{asked}, yours is {describe(actual)}")
        return
    if length != len(expected):
        yield Difference(path, f"{asked}, yours has {length}")
        return
    beside = noise if length_of(noise) == length else None
    for i, item in enumerate(expected):
        item_noise = None if beside is None else item_of(beside, i)
        yield from align(item_of(actual, i), item, item_noise, path=f"{path or 'result'}[{i}]")


def length_of(value: Value) -> int | None:
    """Return how many items a list, a tuple or an array holds along axis 0; None for anything else."""
    if isinstance(value, Array):
        return int(value.data.shape[0]) if value.data.ndim else None
    return len(value) if isinstance(value, (list, tuple)) else None


def item_of(value: Value, index: int) -> Value:
    """Return item `index` of a list, a tuple or an array with at least one axis."""
    if isinstance(value, Array):
        return Array(
            np.ascontiguousarray(value.data[index, ...]).reshape(value.data.shape[1:]),
            value.dtype,
            value.origin,
        )
    assert isinstance(value, (list, tuple))
    return value[index]


def shape_of(value: Value) -> tuple[int, ...] | None:
    """Return the shape of a number, an array or a regular list of these; None for anything else."""
    if isinstance(value, Array):
        return value.data.shape
    if isinstance(value, (bool, int, float)):
        return ()
    if not isinstance(value, (list, tuple)):
        return None
    shapes = {shape_of(item) for item in value}
    if len(shapes) > 1 or None in shapes:
        return None
    inner = next(iter(shapes), ()) or ()
    return (len(value), *inner)


def numbers(value: Value) -> Numbers | None:
    """Return a number, an array or a regular list of these as one array.

    None where there is no such array: something else than numbers, truth values mixed with numbers, or a
    whole number too large for a float.
    """
    if isinstance(value, Array):
        return Numbers(value.data, frozenset({value.dtype}))
    if isinstance(value, (bool, float)):
        return Numbers(np.asarray(value), frozenset({type(value).__name__}))
    if isinstance(value, int):
        return _whole_number(value)
    if not isinstance(value, (list, tuple)):
        return None
    items = [numbers(item) for item in value]
    found = [item for item in items if item is not None]
    if len(found) != len(items) or len({item.data.shape for item in found}) > 1:
        return None
    if not found:
        return Numbers(np.zeros(0), frozenset())
    if len({item.data.dtype.kind == "b" for item in found}) > 1:
        return None
    return Numbers(
        np.stack([item.data for item in found]), frozenset().union(*(item.dtypes for item in found))
    )


def _whole_number(value: int) -> Numbers | None:
    if -(2**63) <= value < 2**63:
        return Numbers(np.asarray(value, dtype=np.int64), frozenset({"int"}))
    if 0 <= value < 2**64:
        return Numbers(np.asarray(value, dtype=np.uint64), frozenset({"int"}))
    try:
        return Numbers(np.asarray(float(value)), frozenset({"int"}))
    except OverflowError:
        return None


def fit(pair: Pair, *, squeeze: bool) -> Fitted | Difference:
    """Bring a pair of numeric leaves to the same shape and check their kinds.

    With `squeeze`, size-1 axes more or fewer do not matter.
    """
    expected = numbers(pair.expected)
    if expected is None:
        return Difference(pair.path, "not the value asked")
    shape = shape_of(pair.actual)
    if shape is None:
        return Difference(pair.path, _not_numbers(pair.actual, expected.data))
    wanted = expected.data.shape
    if shape != wanted and not (squeeze and _without_ones(shape) == _without_ones(wanted)):
        return Difference(pair.path, f"shape {shape}, but {wanted} is asked")
    actual = numbers(pair.actual)
    if actual is None:
        return Difference(pair.path, "mixes true/false with numbers, or holds a number too large to compare")
    problem = _kind_problem(actual.data, expected.data)
    if problem:
        return Difference(pair.path, problem)
    noise = numbers(pair.noise)
    beside = noise.data if noise is not None and noise.data.shape == wanted else None
    return Fitted(pair.path, Numbers(actual.data.reshape(wanted), actual.dtypes), expected.data, beside)


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


def _not_numbers(actual: Value, expected: np.ndarray) -> str:
    is_truth = expected.dtype.kind == "b"
    one, many = ("true/false is", "true/false values") if is_truth else ("a number is", "numbers")
    asked = f"{many} of shape {expected.shape} are asked" if expected.ndim else f"{one} asked"
    if isinstance(actual, (list, tuple)):
        return f"{asked}, yours is {describe(actual)} that form no such array"
    return f"{asked}, yours is {describe(actual)}"


def _kind_problem(actual: np.ndarray, expected: np.ndarray) -> str | None:
    """Say what is wrong with the kind of numbers, None if nothing; integers and floats are one kind."""
    if not expected.size:
        return None
    kind, wanted = actual.dtype.kind, expected.dtype.kind
    if wanted == "b":
        if kind == "b" or (kind in "iu" and bool(np.isin(actual, (0, 1)).all())):
            return None
        return (
            "true/false is asked, yours is a number"
            if not actual.ndim
            else "true/false is asked, yours are numbers"
        )
    if kind == "b":
        return (
            "a number is asked, yours is true/false"
            if not actual.ndim
            else "numbers are asked, yours are true/false"
        )
    if kind == "c" and wanted != "c":
        return "real numbers are asked, yours are complex"
    return None
