"""Where the questions of one submission take turns: one child for all of them, a fresh one when a question spoils it.

A fork costs more than most questions do, and a student's own files need no wall between them (docs/decisions/0002).
"""

from __future__ import annotations

from grader.models.rubric import Limits
from grader.sandbox import Child, ExitReport, ForkServer, JobLimits


class Desk:
    """The child of one submission, on one fork server. Use as a context manager; leaving it ends the child."""

    def __init__(self, server: ForkServer, *, job_s: float) -> None:
        """`job_s` is the wall time of all questions together, in seconds; each question has a budget of its own."""
        self._server = server
        self._job_s = job_s
        self._child: Child | None = None
        self._memory_mb = 0
        self.is_used = False
        """Whether the present child has served a question before the one that asks."""

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def child(self, limits: Limits) -> Child:
        """Return the child that is there, or a fresh one. Raises ForkServerError if the server is gone."""
        if self._child is not None and self._memory_mb != limits.memory_mb:
            self.clear()
        if self._child is None:
            self._memory_mb = limits.memory_mb
            self._child = self._server.fork(JobLimits(job_s=self._job_s, memory_mb=limits.memory_mb))
            self.is_used = False
        return self._child

    def clear(self) -> ExitReport | None:
        """End the child, if there is one, and say how it ended; the next question gets a fresh one."""
        child, self._child = self._child, None
        return None if child is None else child.end()
