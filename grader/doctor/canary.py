"""One canary: an attack, what must stop it, and how it is shown that nothing else does."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from grader.models.base import Model

THROUGH = "through"
Control: TypeAlias = Literal["walls down", "outside", "longer limit"]


class Canary(Model):
    """An attack that has to fail, and that has to succeed in its control: or its failure shows nothing."""

    attack: str = Field(description="Function in attacks.py.")
    title: str = Field(description="What the student's code tries, in a few words.")
    held_by: tuple[str, ...] = Field(
        description="The walls in its way; the first met answers, the others stand behind it."
    )
    outcome: tuple[str, ...] = Field(description="What stops it: an error's name, or how its process ended.")
    control: Control = "walls down"
    also_down: tuple[str, ...] = Field((), description="Taken down too, so that the control can be set up.")
    may_lack: bool = Field(False, description="Many kernels and containers do not offer this at all.")
    before: str = Field("", description="An attack that an earlier child runs first.")

    @property
    def id(self) -> str:
        """Tells canaries apart: one attack may have to be stopped by several walls together."""
        return f"{self.attack}: {', '.join(self.held_by)}"

    @property
    def down(self) -> frozenset[str]:
        """The walls that its control does without."""
        return frozenset(self.held_by + self.also_down) if self.control == "walls down" else frozenset()
