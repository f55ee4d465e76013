"""An examination as lines for a terminal, and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.doctor.cost import CLASS_SIZE, Cost
from grader.doctor.examination import Examination
from grader.doctor.facts import MachineFacts
from grader.doctor.run import CanaryResult
from grader.sandbox.launch import ServerInfo

_MARKS = {True: "✓", False: "✗"}
_TITLE = 38


def lines(found: Examination) -> Iterator[str]:
    """Yield the report line by line; the last line is the verdict."""
    yield from _machine(found.machine)
    if found.server is not None:
        yield from _server(found.server)
    if found.canaries:
        yield ""
        yield "walls: what is tried, what stops it → the control"
        yield from (_canary(result) for result in found.canaries)
        yield ""
    if found.cost is not None:
        yield _cost(found.cost)
    if found.memory is not None:
        yield found.memory.message
    yield _verdict(found)


def as_data(found: Examination) -> dict[str, Any]:
    """Return the report as plain data: everything measured, and the verdict."""
    data = found.model_dump(mode="json", exclude={"canaries"})
    data["canaries"] = [
        {
            **result.canary.model_dump(mode="json"),
            "id": result.canary.id,
            "required": list(result.canary.outcome),
            "outcome": result.outcome,
            "holds": result.holds,
            "control_walls_down": sorted(result.canary.down),
            "control_outcome": result.control,
            "proof": result.proof,
        }
        for result in found.canaries
    ]
    if found.cost is not None:
        data["cost"]["class_s"] = round(found.cost.class_s, 1)
    return {**data, "passed": found.passed, "verdict": _verdict(found)}


def _machine(machine: MachineFacts) -> Iterator[str]:
    who = "root" if machine.uid == 0 else f"user {machine.uid}"
    yield f"machine: {machine.system}, {machine.arch}, as {who}"
    yield f"  {machine.cores} cores, {machine.memory_mb} MB of memory, {machine.swap_mb} MB of swap"
    yield "  user namespaces: " + "; ".join(_namespace_settings(machine))
    yield f"  security modules: {', '.join(machine.security_modules) or 'the kernel does not say'}"
    yield f"  seccomp: {', '.join(machine.seccomp_actions) or 'none'}"
    yield f"  cgroups: {machine.cgroup}"


def _namespace_settings(machine: MachineFacts) -> Iterator[str]:
    for name, forbids in (
        ("user/max_user_namespaces", "0"),
        ("kernel/unprivileged_userns_clone", "0"),
        ("kernel/apparmor_restrict_unprivileged_userns", "1"),
    ):
        value = machine.settings.get(name)
        if value is not None:
            yield f"{name.replace('/', '.')} = {value}" + (" (forbids them)" if value == forbids else "")
    if machine.settings.get("kernel/apparmor_restrict_unprivileged_userns") is None:
        yield "AppArmor has no switch against them here"


def _server(server: ServerInfo) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in server.versions.items())
    yield f"fork server: started in {server.start_ms['all'] / 1e3:.1f} s, {versions}"
    yield f"  {len(server.walls)} walls stand; landlock ABI {server.landlock_abi}"


def _canary(result: CanaryResult) -> str:
    canary = result.canary
    stopped = f"{result.outcome} by {' + '.join(canary.held_by)}"
    if not result.holds:
        stopped = f"ended in {result.outcome}, must be {' or '.join(canary.outcome)} by {' + '.join(canary.held_by)}"
    is_good = result.holds and result.proof != "no"
    return f"  {_MARKS[is_good]} {canary.title:{_TITLE}} {stopped} → {_control(result)}"


def _control(result: CanaryResult) -> str:
    canary = result.canary
    where = {
        "outside": "in an ordinary process",
        "longer limit": "with a longer limit",
        "walls down": "without it" if len(canary.held_by) == 1 else "without these",
    }[canary.control]
    also = [wall for wall in canary.also_down if wall not in canary.held_by]
    if canary.control == "walls down" and also:
        where += f" (and without {', '.join(also)})"
    if result.proof == "yes":
        return f"gets through {where}"
    if result.proof == "lacking":
        return f"not offered here ({result.control}), so nothing to prove"
    return f"PROVES NOTHING: {result.control} {where}"


def _cost(cost: Cost) -> str:
    return (
        f"cost: a child takes {cost.child_ms:.1f} ms; a class of {CLASS_SIZE:,} with an exam like the shipped one"
        f" about {_duration(cost.class_s)} on {cost.workers} fork servers"
    )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _verdict(found: Examination) -> str:
    if found.problem is not None:
        return f"✗ not fit to grade: {found.problem}"
    if found.missed:
        titles = ", ".join(result.canary.title for result in found.missed)
        return (
            f"✗ not fit to grade: {len(found.missed)} of {len(found.canaries)} canaries miss ({titles})\n"
            "  Grade on another machine, and report this page (docs/security.md says how)."
        )
    lacking = sum(result.proof == "lacking" for result in found.canaries)
    but = f"; {lacking} attacks that this kernel does not offer have no control" if lacking else ""
    return (
        f"✓ fit to grade: all {len(found.canaries)} canaries are stopped, and their controls get through{but}"
    )
