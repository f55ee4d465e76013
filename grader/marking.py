"""From what was observed to what it is worth: one job's outcomes, compared and scored. Pure."""

from __future__ import annotations

from grader.judging.scoring import score_check, score_part, score_prose, title_of
from grader.models.result import CheckResult, JobResult, PartResult, Status
from grader.models.rubric import Check, ModuleCheck, ProseCheck, Question
from grader.models.submission import Submission
from grader.plan import CheckPlan, QuestionPlan, number_checks
from grader.probing.module_probe import UNREGISTERED
from grader.probing.observe import Observed


def mark(plan: QuestionPlan, question: Question, submission: Submission, observed: Observed) -> JobResult:
    """Return the marks of one submission on one question."""
    results: dict[str, list[CheckResult]] = {part: [] for part in question.parts}
    for check_plan in plan.checks:
        results[check_plan.part].append(_check(check_plan, submission, observed))
    return JobResult(
        exam=submission.exam,
        submission=submission.name,
        question=question.question,
        parts=tuple(score_part(part, tuple(checks)) for part, checks in results.items()),
        notes=observed.notes,
        printed=observed.printed,
        usage=observed.usage,
    )


def internal_error(question: Question, submission: Submission, reason: str) -> JobResult:
    """Return a job's result after a failure of ours: no points are lost, it is run again on resume."""
    parts = []
    for part in question.parts:
        checks = tuple(
            CheckResult(
                check=check_id,
                title=check.prose if isinstance(check, ProseCheck) else title_of(check),
                status=Status.INTERNAL_ERROR,
                points=None,
                max_points=check.points,
                message=reason,
                is_manual=isinstance(check, ProseCheck),
            )
            for check_id, owner, check in number_checks(question)
            if owner == part
        )
        parts.append(_unmarked_part(part, checks))
    return JobResult(
        exam=submission.exam,
        submission=submission.name,
        question=question.question,
        parts=tuple(parts),
        notes=(reason,),
    )


def _check(plan: CheckPlan, submission: Submission, observed: Observed) -> CheckResult:
    if isinstance(plan.check, ProseCheck):
        has_text = bool(submission.prose.get(plan.part, "").strip())
        return score_prose(plan.check, has_text=has_text, check_id=plan.id)
    result = score_check(
        plan.check, observed.outcomes[plan.id], plan.expected, catches=plan.catches, check_id=plan.id
    )
    return _without_unregistered(plan.check, result, observed)


def _without_unregistered(check: Check, result: CheckResult, observed: Observed) -> CheckResult:
    """A right output from parameters that PyTorch cannot see is worth what the rubric says of it."""
    if not isinstance(check, ModuleCheck) or check.measure != "forward" or result.status is not Status.PASSED:
        return result
    catch = next((catch for catch in check.catch if catch.unregistered), None)
    if catch is None or (check.module, UNREGISTERED) not in observed.flags:
        return result
    status = Status.PARTIAL if catch.credit > 0 else Status.FAILED
    return result.model_copy(update={"points": catch.credit, "status": status, "message": catch.say})


def _unmarked_part(part: str, checks: tuple[CheckResult, ...]) -> PartResult:
    return PartResult(
        part=part,
        status=Status.INTERNAL_ERROR,
        auto_points=None,
        auto_max=round(sum(check.max_points for check in checks if not check.is_manual), 6),
        manual_points=None,
        manual_max=round(sum(check.max_points for check in checks if check.is_manual), 6),
        checks=checks,
    )
