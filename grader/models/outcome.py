"""What came back from one case of a check, and what is expected of it: the input of scoring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import ConfigDict, Field

from grader.models.base import Model
from grader.models.result import Status

if TYPE_CHECKING:
    from grader.models.value import Value
else:
    # Checked when they were read; pydantic would copy containers and cannot follow the recursion.
    Value: TypeAlias = Any


class Outcome(Model):
    """One case of one check, by its name (`public 1`): the value that came back, or why none did."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    case: str
    is_public: bool
    status: Status | None = Field(default=None, description="None where a value came back.")
    value: Value = None
    message: str = ""
    line: int | None = Field(
        default=None, description="Line of the student's file that the message is about."
    )
    wall_s: float = 0.0


class ExpectedCase(Model):
    """What is right for one case; `noise` is the same result computed in float32, None where not known."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    value: Value
    noise: Value = None


class CatchExpectation(Model):
    """A known wrong answer: what it gives for each case, or one value (`equals`) for them all.

    `values` are whole results, of which the check's item is taken; `equals` is the item itself.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    credit: float = Field(ge=0)
    say: str
    values: tuple[Value, ...] = ()
    equals: Value = None
