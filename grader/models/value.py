"""Values that crossed the wire: plain trees of arrays, numbers, texts and containers, built by the host from bytes.

A value is one of: `Array`, `bool`, `int`, `float`, `str`, `None`, `Given`, or a list, tuple or str-keyed
dict of values.
Exact types only: nothing here was ever an object of the student's making.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

Origin: TypeAlias = Literal["tensor", "ndarray", "sequence"]


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """One array leaf.

    `data` is a C-ordered numpy array; bfloat16 is widened to float32 and `dtype` keeps the name it had at the source.
    `origin` says what it was: a torch tensor, a numpy array or scalar, or a regular nested list of Python numbers.
    """

    data: np.ndarray
    dtype: str
    origin: Origin = "ndarray"


@dataclass(frozen=True, slots=True)
class Given:
    """A name of the exam's `given.py`, passed to student code as the object itself (an activation function, say)."""

    name: str


Value: TypeAlias = (
    "Array | Given | bool | int | float | str | list[Value] | tuple[Value, ...] | dict[str, Value] | None"
)
