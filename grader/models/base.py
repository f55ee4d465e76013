"""The base of every record."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Base of every record: immutable, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
