"""How long a submission is waited for: one that hangs in question after question gets a tenth of the time for the rest.

Not nothing: a student whose first two files loop for ever keeps the marks of the other five, which take milliseconds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from grader.models.outcome import Outcome
from grader.models.result import JobResult, Status
from grader.plan import QuestionPlan

MAX_HANGING_QUESTIONS = 2
HURRIED_SHARE = 0.1
_REASON = "a tenth of the usual time, as two earlier questions had used up theirs"

Outcomes = Mapping[str, tuple[Outcome, ...]]


def has_hung(outcomes: Outcomes) -> bool:
    """Whether a question ran into a limit of time, once or more."""
    return any(outcome.status is Status.TIMEOUT for of_check in outcomes.values() for outcome in of_check)


def is_hung(result: JobResult) -> bool:
    """Whether a stored result tells what `has_hung` does."""
    checks = (check for part in result.parts for check in part.checks)
    return any(case.status is Status.TIMEOUT for check in checks for case in check.cases)


def hurried(plan: QuestionPlan) -> QuestionPlan:
    """Return the same question with a tenth of its time."""
    limits = plan.limits.model_copy(
        update={
            "call_s": plan.limits.call_s * HURRIED_SHARE,
            "job_s": plan.limits.job_s * HURRIED_SHARE,
        }
    )
    return dataclasses.replace(plan, limits=limits)


def explained(outcomes: Outcomes) -> dict[str, tuple[Outcome, ...]]:
    """Say of each time limit that was met why it was so short."""
    return {check: tuple(_explained(of_check)) for check, of_check in outcomes.items()}


def _explained(outcomes: Iterable[Outcome]) -> Iterable[Outcome]:
    for outcome in outcomes:
        if outcome.status is Status.TIMEOUT:
            yield outcome.model_copy(update={"message": f"{outcome.message} ({_REASON})"})
        else:
            yield outcome
