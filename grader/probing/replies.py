"""What a child may answer: one record a kind, checked strictly, because every word of it is a claim."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, StrictBool, StrictInt, StrictStr, TypeAdapter, ValidationError, field_validator

from grader.guest.protocol import ProtocolError
from grader.models.base import Model

Text: TypeAlias = Annotated[StrictStr, Field(max_length=2000)]
Line: TypeAlias = Annotated[StrictInt, Field(ge=0, le=10_000_000)]
Length: TypeAlias = Annotated[StrictInt, Field(ge=0, le=1 << 26)]
Shape: TypeAlias = Annotated[list[Length], Field(max_length=64)]  # PyTorch knows no more axes


class Scanned(Model):
    """Forbidden constructs found in the source before any of it ran: (check id, construct, line)."""

    kind: Literal["scanned"]
    findings: list[tuple[Text, Text, Line]] = Field(max_length=100)


class Loaded(Model):
    """The file ran to its end. `spoils`: it may have changed what the submission's next file finds."""

    kind: Literal["loaded"]
    spoils: StrictBool


class Returned(Model):
    """A value came back, as a tree over the frame's body."""

    kind: Literal["returned"]
    value: Any


class Raised(Model):
    """An exception left the student's code; line and trace are of the student's own files."""

    kind: Literal["raised"]
    type: Text
    message: Text
    file: Text = ""
    line: Line | None = None
    source: Text = ""
    trace: list[tuple[Text, Line, Text]] = Field([], max_length=50)


class Missing(Model):
    """The file defines no such name."""

    kind: Literal["missing"]
    similar: list[Text] = Field([], max_length=3)


class BadValue(Model):
    """The value cannot be handed over."""

    kind: Literal["bad_value"]
    message: Text


class Refused(Model):
    """A forbidden engine was asked to run, and did not."""

    kind: Literal["refused"]
    what: list[Text] = Field(max_length=5)
    line: Line | None = None


class Built(Model):
    """A module was built: its parameters as (name, shape, is registered)."""

    kind: Literal["built"]
    parameters: list[tuple[Text, Shape, StrictBool]] = Field(max_length=4096)

    @field_validator("parameters")
    @classmethod
    def _names_differ(
        cls, parameters: list[tuple[str, list[int], bool]]
    ) -> list[tuple[str, list[int], bool]]:
        if len({name for name, _, _ in parameters}) < len(parameters):
            raise ValueError("two parameters of one name")
        return parameters


Reply: TypeAlias = Scanned | Loaded | Returned | Raised | Missing | BadValue | Refused | Built

_ADAPTER: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="kind")])


def parse_reply(header: dict[str, Any]) -> Reply:
    """Return the record that a frame's header claims to be. Raises ProtocolError."""
    try:
        return _ADAPTER.validate_python(header)
    except ValidationError:
        raise ProtocolError("an answer of no known form") from None
