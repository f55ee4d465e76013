"""Runs an attack as a student's file is run: loaded, called, answered over the wire, or its process ended."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from grader.models.result import Status
from grader.models.rubric import Limits
from grader.models.value import Value
from grader.probing.conversation import Broken, Conversation, Sources
from grader.probing.desk import Desk
from grader.probing.wire import FrameWriter
from grader.sandbox import ForkServer

LIMITS = Limits(call_s=20, job_s=60, memory_mb=512)
ATTACKS = Path(__file__).with_name("attacks.py")
"""Our own hostile file: text to the host."""
_SIGNAL = re.compile(r"killed by signal (\d+)")


def outcomes(
    server: ForkServer, attacks: Sequence[str], planted: Mapping[str, Value], *, limits: Limits = LIMITS
) -> dict[str, str]:
    """Run attacks one after another in one child; return what came of each.

    That is `through`, the name of the error that stopped it, `signal:N`, `timeout`, or another status.
    Raises ForkServerError if the server is gone.
    """
    sources = Sources(file=ATTACKS.name, files={ATTACKS.name: attack_source()}, given=None)
    with (
        Desk(server, job_s=limits.job_s) as desk,
        Conversation(desk, sources, limits) as conversation,
    ):
        return {attack: _outcome(conversation, attack, planted) for attack in attacks}


@cache
def attack_source() -> bytes:
    """Return the file of all attacks."""
    return ATTACKS.read_bytes()


def _outcome(conversation: Conversation, attack: str, planted: Mapping[str, Value]) -> str:
    writer = FrameWriter()
    arguments = [writer.tree(attack), writer.tree(dict(planted))]
    frame = writer.frame("call", name="attempt", arguments=arguments, seed=0)
    try:
        value = conversation.value(frame)
    except Broken as broken:
        return _ending(broken)
    return value if isinstance(value, str) else "no answer"


def _ending(broken: Broken) -> str:
    killed = _SIGNAL.search(broken.message)
    if killed:
        return f"signal:{killed[1]}"
    return "timeout" if broken.status is Status.TIMEOUT else f"{broken.status.value}: {broken.message}"
