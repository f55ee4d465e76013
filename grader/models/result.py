"""What an answer is worth: cases, checks, parts, and the job they were measured in."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from grader.models.base import Model


class Status(StrEnum):
    """The fate of a case, a check or a part. `failed` is a wrong answer; the others say what stood in its way."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    MISSING = "missing"
    ERROR = "error"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    VIOLATION = "violation"
    INVALID = "invalid"
    PENDING = "pending"
    INTERNAL_ERROR = "internal_error"


class Comparison(Model):
    """One actual value against one expected value.

    `message` never holds an expected number; `expected_note` does, and is shown for public cases only.
    Errors are in the unit of the value, None where nothing numeric was compared.
    """

    is_match: bool
    message: str = ""
    expected_note: str = ""
    largest_error: float | None = None
    allowed_error: float | None = None
    share: float = Field(
        0.0, ge=0, le=1, description="Part of the answer that is right, where the judge counts slices."
    )


class CaseResult(Model):
    """One case of one check, by its name (`public 1`, `hidden 3`)."""

    case: str
    status: Status
    message: str = ""
    expected_note: str = ""
    wall_s: float = 0.0


class CheckResult(Model):
    """One check: points earned, why, and its cases. `points` is None while a person or a rerun has to decide."""

    check: str
    title: str
    status: Status
    points: float | None
    max_points: float
    message: str = ""
    line: int | None = Field(None, description="Line of the student's file that the message is about.")
    is_manual: bool = False
    cases: tuple[CaseResult, ...] = ()


class PartResult(Model):
    """One id of the exam (`q5b`): the sum over its checks, automatic and manual apart."""

    part: str
    status: Status
    auto_points: float | None
    auto_max: float
    manual_points: float | None
    manual_max: float
    checks: tuple[CheckResult, ...]

    @property
    def max_points(self) -> float:
        """Points of a full answer."""
        return self.auto_max + self.manual_max

    @property
    def points(self) -> float | None:
        """Points earned, None while a part of them is pending."""
        if self.auto_points is None or self.manual_points is None:
            return None
        return round(self.auto_points + self.manual_points, 6)


class Usage(Model):
    """What a job used, measured by the host."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    max_rss_mb: float = 0.0
    children: int = 0


class JobResult(Model):
    """One submission × one question file."""

    exam: str
    submission: str
    question: str
    parts: tuple[PartResult, ...]
    notes: tuple[str, ...] = ()
    printed: str = Field("", description="What the student's code printed, cut to a page.")
    usage: Usage = Usage()
