"""How far a number may be from the expected one: scale, float32 noise, and the bound made of them.

Arrays here are float64 with the shape (groups, entries): one scale and one noise per group, so that a pair of
numbers in different units, such as (mean, variance), does not share a tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from grader.judging.alignment import HALF_DTYPES
from grader.models.rubric import Close

Floats: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

SINGLE_RTOL = 2e-5
"""Relative tolerance of a float32 answer where the reference's own float32 noise is not known."""

ZERO_FLOOR = 1e-12
SINGLE_ZERO_FLOOR = 1e-6
"""Allowed where the reference is zero throughout, in the unit of the value (float64, float32 answers)."""

HALF_EPS = {"float16": 2.0**-10, "bfloat16": 2.0**-7}
_EPS32 = 2.0**-23
_EPS64_IN_EPS32 = 2.0**-29
_NOISE_MARGIN = 8
_NOISE_MARGIN_64 = 64
_REORDERING = 32 * _EPS32
_LARGEST_NOISE = 0.01
"""Part of the scale: where float32 loses more than this, a float32 answer shows nothing."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The allowed error, one for each entry, and the scale of each group, both in the unit of the value."""

    allowed: Floats
    scale: Floats


def is_clearly_right(actual: np.ndarray, expected: np.ndarray, rtol: float) -> bool:
    """Tell in few passes that every entry is within the strictest bound; False says nothing.

    The bound is the relative part alone; whatever its scale, noise or precision, no answer has a narrower one.
    """
    if actual.dtype.kind != "f" or expected.dtype != np.float64 or not expected.ndim:
        return False
    with np.errstate(all="ignore"):
        size = np.abs(expected)
        # NaN and infinity fail here: no comparison with them is true.
        return bool((np.abs(actual - expected) <= rtol * size).all())


def is_single(data: np.ndarray, dtypes: frozenset[str]) -> bool:
    """Tell whether an answer was computed in float32: by its dtype, or because every value is a float32 one.

    Values of at most 12 significant bits (0.5, 64, 1) tell nothing: they look the same in every precision.
    """
    if dtypes & {"float32", "complex64"}:
        return True
    if data.dtype.kind not in "fc":
        return False
    values = data[np.isfinite(data)]
    parts = np.stack([values.real, values.imag]) if data.dtype.kind == "c" else values
    return _survives_single(parts) and not _is_short(parts)


def _survives_single(values: Floats) -> bool:
    with np.errstate(all="ignore"):
        return bool((values.astype(np.float32).astype(np.float64) == values).all())


def _is_short(values: Floats) -> bool:
    mantissa, _ = np.frexp(values)
    scaled = mantissa * 2.0**12
    return bool((scaled == np.trunc(scaled)).all())


def bound_of(
    expected: Floats, noise: Floats | None, judge: Close, *, dtypes: frozenset[str], single: bool
) -> Bound:
    """Return the bound of a leaf; it depends on the expected values, the judge and the precision only."""
    with np.errstate(all="ignore"):
        size = np.where(np.isfinite(expected), np.abs(expected), 0.0)
        scale = _scale(expected)
        noise_max = _largest_noise(noise, expected)
        rtol = judge.rtol
        extra = np.minimum(
            _NOISE_MARGIN_64 * _EPS64_IN_EPS32 * _or_zero(noise_max), np.maximum(ZERO_FLOOR, rtol * scale)
        )
        extra = np.where(scale == 0, np.maximum(extra, ZERO_FLOOR), extra)
        halves = [HALF_EPS[dtype] for dtype in dtypes & HALF_DTYPES]
        if halves:
            rtol = max(rtol, 4 * max(halves))
        elif single:
            if noise_max is None:
                rtol = max(rtol, SINGLE_RTOL)
            extra = np.maximum(extra, _single_extra(noise_max, scale))
        allowed = rtol * size + rtol * scale + judge.atol + extra
    return Bound(np.minimum(allowed, np.finfo(np.float64).max), scale)


def _single_extra(noise_max: Floats | None, scale: Floats) -> Floats:
    floor = np.where(scale == 0, SINGLE_ZERO_FLOOR, 0.0)
    if noise_max is None:
        return floor
    ceiling = np.maximum(_LARGEST_NOISE * scale, SINGLE_ZERO_FLOOR)
    return np.maximum(floor, np.minimum(_NOISE_MARGIN * noise_max, ceiling) + _REORDERING * scale)


def _scale(values: Floats) -> Floats:
    """Return the root mean square of each group's finite entries, shape (groups, 1); 0 if there are none."""
    finite = np.isfinite(values)
    size = np.where(finite, np.abs(values), 0.0)
    largest = size.max(axis=1, keepdims=True, initial=0.0)
    # Divided by the largest before squaring: 1e200 squared is no float any more.
    ratio = size / np.where(largest == 0, 1.0, largest)
    count = np.maximum(finite.sum(axis=1, keepdims=True), 1)
    scale: Floats = largest * np.sqrt((ratio**2).sum(axis=1, keepdims=True) / count)
    return scale


def _largest_noise(noise: Floats | None, expected: Floats) -> Floats | None:
    """Return the largest float32 error of the reference in each group, shape (groups, 1), if it shows one.

    Noise that is no float32 was not computed in float32. An exact 0 where something else is expected is an
    underflow or a clipped value, not a measure of rounding.
    """
    if noise is None or not _survives_single(noise[np.isfinite(noise)]):
        return None
    counts = np.isfinite(noise) & np.isfinite(expected) & ((noise != 0) | (expected == 0))
    error = np.where(counts, np.abs(noise - expected), 0.0)
    largest: Floats = error.max(axis=1, keepdims=True, initial=0.0)
    return largest


def _or_zero(values: Floats | None) -> Floats | float:
    return 0.0 if values is None else values
