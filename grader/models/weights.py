"""The reference weights of a module check: names of arrays, and the names and sizes of their axes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from grader.models.base import Model
from grader.models.rubric import Name

MAX_ELEMENTS = 10_000_000
MAX_AXES = 8

_TOKEN = re.compile(r"(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)=)?(?P<size>[0-9]{1,9})")


class AxesError(ValueError):
    """The text of a weight is not a list of axes; `offset` is the place in the text, from 0."""

    def __init__(self, what: str, *, offset: int, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.offset = offset
        self.fix = fix


class Axis(Model):
    """One axis of a weight. Axes of one name in several weights belong together; None is a plain size."""

    name: Name | None = None
    size: Annotated[int, Field(ge=1)]


class WeightSpec(Model):
    """One array of the reference's weights, in the layout that the reference function takes."""

    name: Name
    axes: tuple[Axis, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        return tuple(axis.size for axis in self.axes)

    @property
    def element_count(self) -> int:
        """Numbers in the array."""
        return math.prod(self.shape)


def parse_weights(weights: Mapping[str, str]) -> tuple[WeightSpec, ...]:
    """Parse all weights of a check, in their order. Raises AxesError."""
    return tuple(WeightSpec(name=name, axes=parse_axes(text)) for name, text in weights.items())


def parse_axes(text: str) -> tuple[Axis, ...]:
    """Parse `branch=32 out=4 in=256` or plain sizes such as `4 256`. Raises AxesError."""
    axes: list[Axis] = []
    for word in re.finditer(r"\S+", text):
        axes.append(_axis(word[0], word.start()))
        if axes[-1].name is not None and axes[-1].name in {axis.name for axis in axes[:-1]}:
            raise AxesError(
                f"the axis `{axes[-1].name}` stands twice",
                offset=word.start(),
                fix="give each axis a name of its own",
            )
    if not axes:
        raise AxesError(
            "a weight without axes",
            offset=0,
            fix="write its sizes, such as `out=4 in=256`; `1` for a single number",
        )
    if len(axes) > MAX_AXES or math.prod(axis.size for axis in axes) > MAX_ELEMENTS:
        limit = f"{MAX_AXES} axes and {MAX_ELEMENTS} numbers"
        raise AxesError("the weight is too large", offset=0, fix=f"stay within {limit}")
    return tuple(axes)


def _axis(word: str, offset: int) -> Axis:
    match = _TOKEN.fullmatch(word)
    if match is None:
        shown = ascii(word)[1:-1]
        shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
        raise AxesError(
            f"`{shown}` is not an axis",
            offset=offset,
            fix="write name=size, such as `out=4`, or a size; blanks between",
        )
    size = int(match["size"])
    if size < 1:
        raise AxesError("an axis of size 0", offset=offset, fix="write a size of 1 or more")
    return Axis(name=match["name"], size=size)
