"""Measures a numeric leaf against its bound, and says in words what is wrong with it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from grader.judging.alignment import Fitted
from grader.judging.precision import Floats, Mask, bound_of, is_single
from grader.judging.wording import number_text, place
from grader.models.rubric import Close


@dataclass(frozen=True, slots=True)
class Measured:
    """A numeric leaf of at least one entry; all arrays float64 of one shape (groups, entries).

    A complex number is two entries, its parts. `error`, `allowed` and `scale` are in the unit of the value.
    """

    path: str
    shape: tuple[int, ...]
    actual: Floats
    expected: Floats
    error: Floats
    allowed: Floats
    scale: Floats
    wrong: Mask
    is_single: bool
    is_relative: bool
    """The bound is a share of the values' size alone; any other share would tell what that size is."""

    @property
    def parts(self) -> int:
        """Entries of one number: 2 where numbers are complex."""
        return self.actual.size // math.prod(self.shape)

    @property
    def worst(self) -> int:
        """Flat position of the largest error, of a wrong entry if there is one."""
        eligible = ~np.isnan(self.error) & (self.wrong if self.wrong.any() else True)
        return int(np.argmax(np.where(eligible, self.error, -1.0)))

    def index(self, flat: int) -> tuple[int, ...]:
        """Return the index of an entry in the array that the student knows."""
        return tuple(int(i) for i in np.unravel_index(flat // self.parts, self.shape))


def measure(fitted: Fitted, judge: Close, *, groups: int) -> Measured:
    """Measure the errors of a leaf that is not empty; each of its `groups` along axis 0 has its own scale."""
    kind = np.complex128 if fitted.expected.dtype.kind == "c" else np.float64
    noise = fitted.noise
    if noise is not None and noise.dtype.kind == "c" and kind is np.float64:
        noise = None
    with np.errstate(all="ignore"):
        actual = real_parts(fitted.actual.data.astype(kind)).reshape(groups, -1)
        expected = real_parts(fitted.expected.astype(kind)).reshape(groups, -1)
        beside = None if noise is None else real_parts(noise.astype(kind)).reshape(groups, -1)
        single = is_single(fitted.actual.data, fitted.actual.dtypes)
        bound = bound_of(expected, beside, judge, dtypes=fitted.actual.dtypes, single=single)
        # Equal first: inf - inf is NaN, and a NaN error is within no bound.
        error = np.where(same_or_nan(actual, expected), 0.0, np.abs(actual - expected))
        is_finite = np.isfinite(actual) & np.isfinite(expected)
        right = np.where(is_finite, error <= bound.allowed, error == 0.0)
    scale = np.broadcast_to(bound.scale, error.shape)
    return Measured(
        fitted.path,
        fitted.expected.shape,
        actual,
        expected,
        error,
        bound.allowed,
        scale,
        ~right,
        single,
        is_relative=judge.atol == 0,
    )


def real_parts(values: np.ndarray) -> Floats:
    """Return complex numbers as pairs along a last axis, real numbers as they are; float64."""
    if values.dtype.kind != "c":
        return values.astype(np.float64)
    return np.stack([values.real, values.imag], axis=-1).astype(np.float64)


def same_or_nan(actual: Floats, expected: Floats) -> Mask:
    """Tell for each entry whether the two are equal or both NaN."""
    return np.asarray((actual == expected) | (np.isnan(actual) & np.isnan(expected)))


def difference_message(measured: Measured) -> str:
    """Say where, how many and how much, without any number of either side."""
    special = _special_message(measured)
    if special:
        return special
    worst = measured.worst
    scale = max(float(measured.scale.flat[worst]), abs(float(measured.expected.flat[worst])))
    allowed = float(measured.allowed.flat[worst])
    ratio = float(measured.error.flat[worst]) / scale if scale > 0 else math.inf
    limit = allowed / scale if measured.is_relative and 0 < allowed < 0.1 * scale else None
    hint = "; float32 answer, float64 is more exact" if measured.is_single and ratio < 1e-2 else ""
    size = f"off by {_size(ratio, limit)}{hint}"
    if not measured.shape:
        return f"not the number asked: {size}"
    return f"{_counted(measured, measured.wrong)} differ; {_first(measured, measured.wrong)}; largest {size}"


def _special_message(measured: Measured) -> str | None:
    """Say what is wrong with NaN and infinity, None if nothing is."""
    actual, expected, wrong = measured.actual, measured.expected, measured.wrong
    for mask, one, many in (
        (wrong & np.isnan(actual), "NaN where a number is asked", "are NaN where numbers are asked"),
        (wrong & np.isnan(expected), "a number where NaN is asked", "are numbers where NaN is asked"),
        (
            wrong & np.isinf(actual),
            "infinite where it should not be",
            "are infinite where they should not be",
        ),
        (
            wrong & np.isinf(expected),
            "finite where it should be infinite",
            "are finite where they should not be",
        ),
    ):
        if mask.any():
            return f"{_counted(measured, mask)} {many}; {_first(measured, mask)}" if measured.shape else one
    return None


def _counted(measured: Measured, mask: Mask) -> str:
    numbers = mask.reshape(-1, measured.parts).any(axis=1)
    return f"{int(numbers.sum())} of {numbers.size} values"


def _first(measured: Measured, mask: Mask) -> str:
    return f"first at {place(measured.index(int(np.flatnonzero(mask)[0])))}"


def _size(ratio: float, limit: float | None) -> str:
    """Return the power of ten below a relative error and the limit, in percent: `over 10%, allowed 0.0004%`."""
    power = 1.0 if ratio >= 1 else 10.0 ** math.floor(math.log10(ratio)) if ratio > 0 else 0.0
    if limit is not None and power <= limit:
        return f"a little more than the {_percent(limit)} that is allowed"
    size = f"over {_percent(power)}" if power else "a trifle"
    return size if limit is None else f"{size}, allowed {_percent(limit)}"


def _percent(ratio: float) -> str:
    return f"{np.format_float_positional(100 * ratio, precision=1, fractional=False, trim='-')}%"


def difference_note(measured: Measured) -> str:
    """Say which number is expected at the first wrong entry, and what is there."""
    flat = int(np.flatnonzero(measured.wrong)[0])
    where = f" at {place(measured.index(flat))}" if measured.shape else ""
    note = f"expected {_number(measured, measured.expected, flat)}{where}"
    note += f", yours is {_number(measured, measured.actual, flat)}"
    error, allowed = float(measured.error.flat[flat]), float(measured.allowed.flat[flat])
    return f"{note}; off by {error:.2g}, allowed {allowed:.2g}" if math.isfinite(error) else note


def _number(measured: Measured, side: Floats, flat: int) -> str:
    if measured.parts == 1:
        return number_text(float(side.flat[flat]))
    start = flat // 2 * 2
    return number_text(complex(float(side.flat[start]), float(side.flat[start + 1])))
