"""The short look before a grading run: a few attacks in one child of the run's own fork server."""

from __future__ import annotations

from grader.doctor.canaries import CANARIES, QUICK
from grader.doctor.canary import Canary
from grader.doctor.session import outcomes
from grader.errors import SandboxError
from grader.sandbox import ForkServer


def check_walls(server: ForkServer) -> None:
    """Try a few attacks in one child of `server`; takes about 0.1 s.

    Those count whose walls the server is meant to have. Raises SandboxError naming attack and walls, ForkServerError.
    """
    walls = frozenset(server.info.walls)
    quick = [c for c in CANARIES if c.attack in QUICK and walls.intersection(c.held_by)]
    found = outcomes(server, [canary.attack for canary in quick], {})
    failed = [canary for canary in quick if not _is_stopped(found[canary.attack], canary, walls)]
    if failed:
        raise SandboxError(_say(failed, found))


def _is_stopped(outcome: str, canary: Canary, walls: frozenset[str]) -> bool:
    # In a weaker mode another wall may come first, and refuse in its own way.
    has_all = walls.issuperset(canary.held_by)
    return outcome in canary.outcome if has_all else outcome.startswith("E") or outcome in canary.outcome


def _say(failed: list[Canary], found: dict[str, str]) -> str:
    tried = "; ".join(
        f"“{canary.title}”, which {_names(canary.held_by)} should stop, ended in: {found[canary.attack]}"
        for canary in failed
    )
    return (
        f"sandbox: a wall does not hold: {tried}.\n"
        "  Student code is never run like this. Run `grader doctor` to see every wall, and report what it prints."
    )


def _names(walls: tuple[str, ...]) -> str:
    return " or ".join(f"the wall “{wall}”" for wall in walls)
