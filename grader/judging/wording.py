"""How values, texts and places are named in a message: short, safe to print, the same words everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from grader.models.value import Array, Given, Value

MAX_TEXT = 200
MAX_NAMES = 6
_MAX_INTEGER_BITS = 200


def quote(text: str) -> str:
    """Return a text in quotes, everything unprintable escaped, cut to 200 characters."""
    if len(text) <= MAX_TEXT:
        return repr(text)
    return repr(text[:MAX_TEXT]) + "…"


def name_list(names: Iterable[str]) -> str:
    """Return `a, b, c`; of a long list the first six names and how many there are."""
    found = list(names)
    if len(found) <= MAX_NAMES:
        return ", ".join(found)
    return f"{', '.join(found[:MAX_NAMES])}, … ({len(found)} in all)"


def count_of(count: int, noun: str) -> str:
    """Return `1 item`, `3 items`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def place(index: Sequence[int]) -> str:
    """Return an index as it is written in Python: `[2, 5]`."""
    return f"[{', '.join(str(int(i)) for i in index)}]"


def number_text(value: object) -> str:
    """Return one number, ten significant digits; a huge whole number by its length."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        if value.bit_length() > _MAX_INTEGER_BITS:
            return f"a whole number of about {int(value.bit_length() * 0.30103)} digits"
        return str(value)
    if isinstance(value, complex):
        return f"{value:.10g}"
    return f"{value:.10g}" if isinstance(value, float) else quote(str(value))


def constant_text(value: Value) -> str | None:
    """Return a constant as its author may be reminded of it: one number; None for anything else."""
    if isinstance(value, Array) and not value.data.ndim and value.data.dtype.kind in "iuf":
        return number_text(value.data.item())
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number_text(value) if is_number else None


def describe(value: Value) -> str:
    """Say in a few words what a value is: `a float64 tensor of shape (3, 4)`, `the text 'abc'`."""
    if isinstance(value, Array):
        if not value.data.ndim:
            return f"one {value.dtype} number"
        if value.origin == "sequence":
            return f"a list of numbers of shape {value.data.shape}"
        noun = "tensor" if value.origin == "tensor" else "array"
        return f"a {value.dtype} {noun} of shape {value.data.shape}"
    if isinstance(value, str):
        return f"the text {quote(value)}"
    if isinstance(value, dict):
        return f"a dict with the keys {name_list(map(quote, value))}" if value else "an empty dict"
    if isinstance(value, (list, tuple)):
        kind = "list" if isinstance(value, list) else "tuple"
        return f"a {kind} of {count_of(len(value), 'item')}" if value else f"an empty {kind}"
    return _describe_plain(value)


def _describe_plain(value: Given | bool | int | float | None) -> str:
    if value is None:
        return "None"
    if isinstance(value, Given):
        return f"the function given.{value.name}"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int) and value.bit_length() > _MAX_INTEGER_BITS:
        return number_text(value)
    return f"the number {number_text(value)}"
