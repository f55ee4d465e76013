"""Runs the canaries: each against the walls, then in its control."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypeAlias

from pydantic import Field

from grader.doctor.bait import Bait
from grader.doctor.canaries import CANARIES
from grader.doctor.canary import THROUGH, Canary
from grader.doctor.session import ATTACKS, LIMITS, outcomes
from grader.errors import ForkServerError, SandboxError
from grader.models.base import Model
from grader.models.rubric import Limits
from grader.sandbox import ForkServer

Proof: TypeAlias = Literal["yes", "no", "lacking"]

_SHORT = LIMITS.model_copy(update={"call_s": 0.3})
_PLAIN_DRIVER = "from grader.guest.plain import serve"
_CONTROLS_AT_ONCE = 2
_KERNEL_REFUSALS = ("ENOSYS", "EPERM", "EACCES")


class CanaryResult(Model):
    """What came of one canary."""

    canary: Canary
    outcome: str = Field(description="With the walls up.")
    control: str = Field(description="The same attack in its control.")

    @property
    def holds(self) -> bool:
        """Whether the attack was stopped, in the way it has to be."""
        return self.outcome in self.canary.outcome

    @property
    def proof(self) -> Proof:
        """Whether the control shows that the walls stopped it; `lacking` where this kernel offers no such thing."""
        if self.control == THROUGH:
            return "yes"
        return "lacking" if self.canary.may_lack and self.control in _KERNEL_REFUSALS else "no"


def run_canaries(
    server: ForkServer, bait: Bait, *, canaries: Iterable[Canary] = CANARIES
) -> tuple[CanaryResult, ...]:
    """Run every canary against `server`, each in a child of its own, and every control on servers without its walls.

    Raises ForkServerError if `server` dies.
    """
    canaries = tuple(canaries)
    held = [
        _attack(server, bait, canary, _SHORT if canary.control == "longer limit" else LIMITS)
        for canary in canaries
    ]
    down = sorted({canary.down for canary in canaries if canary.control == "walls down"}, key=sorted)
    controls: dict[str, str] = {}
    with ThreadPoolExecutor(_CONTROLS_AT_ONCE) as pool:
        for found in pool.map(lambda walls: _without(walls, bait, canaries), down):
            controls |= found
    controls |= {
        canary.id: _elsewhere(server, bait, canary) for canary in canaries if canary.control != "walls down"
    }
    return tuple(
        CanaryResult(canary=canary, outcome=outcome, control=controls[canary.id])
        for canary, outcome in zip(canaries, held, strict=True)
    )


def _without(walls: frozenset[str], bait: Bait, canaries: tuple[Canary, ...]) -> dict[str, str]:
    """Run the controls that need exactly these walls down, on a server that has no torch: it starts at once."""
    wanted = [canary for canary in canaries if canary.control == "walls down" and canary.down == walls]
    try:
        with ForkServer._start(without=walls, driver=_PLAIN_DRIVER, warm_up=False) as server:
            return {canary.id: _attack(server, bait, canary, LIMITS) for canary in wanted}
    except (SandboxError, ForkServerError) as error:
        return {canary.id: f"no server without it: {error}" for canary in wanted}


def _elsewhere(server: ForkServer, bait: Bait, canary: Canary) -> str:
    if canary.control == "outside":
        return bait.run_outside(ATTACKS, canary.attack)
    return _attack(server, bait, canary, LIMITS)


def _attack(server: ForkServer, bait: Bait, canary: Canary, limits: Limits) -> str:
    if canary.before:
        outcomes(server, [canary.before], bait.planted)
    return outcomes(server, [canary.attack], bait.planted, limits=limits)[canary.attack]
