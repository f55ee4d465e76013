"""What a whole run came to: the numbers of it, and every submission's parts, for the reports."""

from __future__ import annotations

from pydantic import Field

from grader.models.base import Model
from grader.models.result import PartResult


class RunInfo(Model):
    """With what a run was made; kept beside its results."""

    grader: str
    python: str
    torch: str
    numpy: str
    machine: str = Field(description="Processor and system, such as `x86_64 Linux 6.1`.")
    sandbox: str = Field("namespaces", description="The mode of the sandbox that student code ran in.")


class SubmissionResult(Model):
    """One submission with every part of its exam, in the order of the paper."""

    exam: str
    submission: str
    parts: tuple[PartResult, ...]
    notes: tuple[str, ...] = Field(default=(), description="What could not be read, and what was assumed.")

    @property
    def points(self) -> float | None:
        """Points earned, None while any part of them is pending."""
        return _sum([part.points for part in self.parts])

    @property
    def auto_points(self) -> float | None:
        """Points of the automatic checks, None while any of them is pending."""
        return _sum([part.auto_points for part in self.parts])

    @property
    def manual_points(self) -> float | None:
        """Points that a person gave, None while any of them is pending."""
        return _sum([part.manual_points for part in self.parts])

    @property
    def max_points(self) -> float:
        """Points of a full answer."""
        return round(sum(part.max_points for part in self.parts), 6)

    @property
    def auto_max(self) -> float:
        """Points of a full answer to the automatic checks."""
        return round(sum(part.auto_max for part in self.parts), 6)


class RunSummary(Model):
    """What a run did. `results` are sorted by exam and submission."""

    exams: tuple[str, ...]
    submissions: int
    jobs_total: int
    jobs_run: int
    jobs_stored: int = Field(description="Jobs that an earlier run had finished.")
    internal_errors: int = Field(description="Jobs that failed by our fault; the next run repeats them.")
    wall_s: float
    sandbox: str = Field("namespaces", description="The mode of the sandbox that student code ran in.")
    results: tuple[SubmissionResult, ...]

    @property
    def exit_code(self) -> int:
        """0 if every job has a verdict, 1 if some are internal errors."""
        return 1 if self.internal_errors else 0


def _sum(points: list[float | None]) -> float | None:
    known = [value for value in points if value is not None]
    return round(sum(known), 6) if len(known) == len(points) else None
