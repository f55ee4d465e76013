"""Made-up results for the tests of the reports."""

from __future__ import annotations

from grader.models.result import CheckResult, PartResult, Status
from grader.models.run import RunSummary, SubmissionResult


def part(
    part_id: str,
    status: Status,
    *,
    auto: float | None = 0.0,
    auto_max: float = 10.0,
    manual: float | None = 0.0,
    manual_max: float = 0.0,
    message: str = "",
    check_status: Status | None = None,
    is_manual: bool = False,
) -> PartResult:
    """Return a part with one check that carries the message."""
    check = CheckResult(
        check=f"{part_id}.1",
        title="a check",
        status=check_status or status,
        points=auto if auto_max else manual,
        max_points=auto_max or manual_max or 1.0,
        message=message,
        is_manual=is_manual,
    )
    return PartResult(
        part=part_id,
        status=status,
        auto_points=auto,
        auto_max=auto_max,
        manual_points=manual,
        manual_max=manual_max,
        checks=(check,),
    )


def result(
    name: str, *parts: PartResult, exam: str = "exam_a", notes: tuple[str, ...] = ()
) -> SubmissionResult:
    """Return one submission's result."""
    return SubmissionResult(exam=exam, submission=name, parts=parts, notes=notes)


def summary(*results: SubmissionResult, internal_errors: int = 0) -> RunSummary:
    """Return a run's summary."""
    return RunSummary(
        exams=("exam_a",),
        submissions=len(results),
        jobs_total=len(results),
        jobs_run=len(results),
        jobs_stored=0,
        internal_errors=internal_errors,
        wall_s=1.0,
        results=results,
    )
