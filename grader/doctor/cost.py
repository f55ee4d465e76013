"""What a child costs on this machine, what a class would take, and whether the fork servers fit into memory."""

from __future__ import annotations

import statistics
import time

from pydantic import Field

from grader.doctor.session import LIMITS
from grader.models.base import Model
from grader.probing.conversation import Conversation, Sources
from grader.probing.desk import Desk
from grader.probing.wire import FrameWriter
from grader.sandbox import ForkServer

CLASS_SIZE = 1000
ROUNDS = 20
EXAM_IN_CHILDREN = 25.0
"""A right submission to the shipped exam takes as long as so many children that do next to nothing."""

_FILE = "answer.py"
_SOURCE = b"def answer():\n    return 1\n"


class Cost(Model):
    """Measured cost of a child, and what follows from it."""

    child_ms: float = Field(description="Median wall time: fork, confine, load a short file, one call, end.")
    workers: int = Field(description="Fork servers side by side.")

    @property
    def class_s(self) -> float:
        """Estimated seconds for a class with the shipped exam; a guess from one child's cost."""
        return CLASS_SIZE * EXAM_IN_CHILDREN * self.child_ms / 1e3 / self.workers


def measure(server: ForkServer, *, workers: int, rounds: int = ROUNDS) -> Cost:
    """Measure children of `server`, one after another. Raises Broken or ForkServerError if one does not answer."""
    return Cost(child_ms=round(statistics.median(_one_ms(server) for _ in range(rounds)), 2), workers=workers)


def _one_ms(server: ForkServer) -> float:
    started = time.perf_counter()
    sources = Sources(file=_FILE, files={_FILE: _SOURCE}, given=None)
    with Desk(server, job_s=LIMITS.job_s) as desk, Conversation(desk, sources, LIMITS) as conversation:
        conversation.value(FrameWriter().frame("call", name="answer", arguments=[], seed=0))
    return 1e3 * (time.perf_counter() - started)
