"""Turns outcomes into points: cases into a check, right in all of them or wrong; checks into a part."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from grader.errors import GraderError
from grader.judging.judged import Judged, ScoredCheck, in_plain_words, stopped_message, wrong_message
from grader.judging.judges import PickError, judge, pick
from grader.models.outcome import CatchExpectation, ExpectedCase, Outcome
from grader.models.result import CaseResult, CheckResult, Comparison, PartResult, Status
from grader.models.rubric import ModuleCheck, ProseCheck, ValueCheck
from grader.models.value import Value

TELLING = (
    Status.INTERNAL_ERROR,
    Status.VIOLATION,
    Status.TIMEOUT,
    Status.MEMORY,
    Status.ERROR,
    Status.INVALID,
    Status.MISSING,
    Status.FAILED,
)
"""Where nothing was earned, the first of these that occurred is the status."""

_MEASURES = {
    "parameter_count": "number of parameters",
    "forward": "output",
    "gradients": "gradients",
    "shape": "any input size",
    "modes": "train, eval and state dict",
}


class ScoringError(GraderError):
    """Outcomes and expected values do not belong together: our mistake, never the student's."""


def score_check(
    check: ScoredCheck,
    outcomes: Sequence[Outcome],
    expected: Sequence[ExpectedCase],
    *,
    catches: Sequence[CatchExpectation] = (),
    check_id: str,
) -> CheckResult:
    """Score one check from the outcomes of its cases, in their order; a run that broke off may have fewer.

    Raises ScoringError if outcomes and cases do not belong together.
    """
    _require_pairs(outcomes, expected, check_id)
    judged = [
        _judge_case(check, outcome, case, check_id) for outcome, case in zip(outcomes, expected, strict=False)
    ]
    stopped = _most_telling(item for item in judged if not item.is_right and not item.is_wrong)
    if stopped is not None:
        status = stopped.outcome.status or Status.ERROR
        points = None if status is Status.INTERNAL_ERROR else 0.0
        message = stopped_message(stopped, judged)
    else:
        points, message = _earned(check, judged, expected, catches)
        status = _status_of(points, check.points)
    return CheckResult(
        check=check_id,
        title=title_of(check),
        status=status,
        points=points,
        max_points=check.points,
        message=message,
        line=_line(stopped, judged),
        cases=tuple(_case_result(item) for item in judged),
    )


def _earned(
    check: ScoredCheck,
    judged: Sequence[Judged],
    expected: Sequence[ExpectedCase],
    catches: Sequence[CatchExpectation],
) -> tuple[float, str]:
    """Return points and message of a check whose cases are all right or wrong."""
    if len(judged) == len(expected) and all(item.is_right for item in judged):
        return check.points, ""
    share = check.points * min(_share(item) for item in judged)
    known = _best_catch(check, judged, expected, catches)
    if known is not None:
        return tidy(min(max(known.credit, share), check.points)), known.say
    return tidy(share), wrong_message(judged, len(expected))


def _line(stopped: Judged | None, judged: Sequence[Judged]) -> int | None:
    culprit = stopped or next((item for item in judged if item.is_wrong), None)
    return culprit.outcome.line if culprit else None


def score_prose(check: ProseCheck, *, has_text: bool, check_id: str) -> CheckResult:
    """Score one item of a written answer: pending for a person, or nothing where its section is missing."""
    part = re.split(r"[.#/:](?=\d+$)", check_id)[0]
    heading = re.sub(r"(?<=\d)(?=[a-z])", " ", part)
    missing = f"no text in answers.md below a heading `## {heading}`"
    return CheckResult(
        check=check_id,
        title=check.prose,
        status=Status.PENDING if has_text else Status.MISSING,
        points=None if has_text else 0.0,
        max_points=check.points,
        message="to be marked by a person" if has_text else missing,
        is_manual=True,
    )


def score_part(part_id: str, results: Sequence[CheckResult]) -> PartResult:
    """Add up the checks of one id of the exam, automatic and manual apart."""
    automatic = [result for result in results if not result.is_manual]
    manual = [result for result in results if result.is_manual]
    return PartResult(
        part=part_id,
        status=_part_status(results),
        auto_points=_sum(automatic),
        auto_max=tidy(math.fsum(result.max_points for result in automatic)),
        manual_points=_sum(manual),
        manual_max=tidy(math.fsum(result.max_points for result in manual)),
        checks=tuple(results),
    )


def title_of(check: ScoredCheck) -> str:
    """Return what is checked, as students read it."""
    if check.title:
        return check.title
    if isinstance(check, ModuleCheck):
        return f"{check.module}: {_MEASURES[check.measure]}"
    name = f"value {check.value}" if isinstance(check, ValueCheck) else check.call
    return name if check.take is None else f"{name}, item {check.take}"


def tidy(points: float) -> float:
    """Return points without the dust of adding them: six decimals, no negative zero."""
    return round(points, 6) + 0.0


def _require_pairs(outcomes: Sequence[Outcome], expected: Sequence[ExpectedCase], check_id: str) -> None:
    if not expected or not outcomes or len(outcomes) > len(expected):
        raise ScoringError(f"{check_id}: {len(outcomes)} outcomes for {len(expected)} cases")
    if len(outcomes) < len(expected) and outcomes[-1].status is None:
        raise ScoringError(
            f"{check_id}: {len(outcomes)} outcomes for {len(expected)} cases, and none broke off"
        )


def _judge_case(check: ScoredCheck, outcome: Outcome, case: ExpectedCase, check_id: str) -> Judged:
    if outcome.status is not None:
        return Judged(outcome, None)
    try:
        expected = _taken(check, case.value)
        noise = None if case.noise is None else _taken(check, case.noise)
    except PickError as error:
        raise ScoringError(f"{check_id}: the reference's own result does not fit `take`: {error}") from error
    try:
        actual = _taken(check, outcome.value)
    except PickError as error:
        found = Comparison(is_match=False, message=str(error))
        return Judged(outcome, in_plain_words(check, outcome.value, None, found))
    found = judge(actual, expected, check.judge, noise=noise)
    return Judged(outcome, in_plain_words(check, outcome.value, actual, found))


def _taken(check: ScoredCheck, value: Value) -> Value:
    return value if check.take is None else pick(value, check.take)


def _best_catch(
    check: ScoredCheck,
    judged: Sequence[Judged],
    expected: Sequence[ExpectedCase],
    catches: Sequence[CatchExpectation],
) -> CatchExpectation | None:
    """Return the recognised wrong answer of the highest credit; the first of equals."""
    known = [catch for catch in catches if _is_caught(check, judged, expected, catch)]
    return max(known, key=lambda catch: catch.credit, default=None)


def _is_caught(
    check: ScoredCheck, judged: Sequence[Judged], expected: Sequence[ExpectedCase], catch: CatchExpectation
) -> bool:
    if len(judged) != len(expected) or any(item.outcome.status is not None for item in judged):
        return False
    if catch.equals is None and not catch.values:
        return False
    if catch.equals is None and len(catch.values) != len(judged):
        raise ScoringError(f"a catch gives {len(catch.values)} values for {len(judged)} cases: {catch.say}")
    try:
        equals = [catch.equals] * len(judged)
        wrong = [_taken(check, value) for value in catch.values] if catch.equals is None else equals
        actual = [_taken(check, item.outcome.value) for item in judged]
    except PickError:
        return False
    return all(judge(a, w, check.judge).is_match for a, w in zip(actual, wrong, strict=True))


def _most_telling(stopped: Iterable[Judged]) -> Judged | None:
    """Return the case whose status says most; of equals a public one, then the first."""
    return min(
        stopped,
        key=lambda item: (_rank(item.outcome.status), not item.outcome.is_public),
        default=None,
    )


def _rank(status: Status | None) -> int:
    return TELLING.index(status) if status in TELLING else len(TELLING)


def _share(item: Judged) -> float:
    if item.comparison is None:
        return 0.0
    return 1.0 if item.comparison.is_match else min(item.comparison.share, 1.0)


def _status_of(points: float, max_points: float) -> Status:
    if points >= max_points:
        return Status.PASSED
    return Status.PARTIAL if points > 0 else Status.FAILED


def _case_result(item: Judged) -> CaseResult:
    status = item.outcome.status or _status_of(_share(item), 1.0)
    note = item.comparison.expected_note if item.comparison and item.outcome.is_public else ""
    return CaseResult(
        case=item.outcome.case,
        status=status,
        message=item.message,
        expected_note=note,
        wall_s=item.outcome.wall_s,
    )


def _sum(results: Sequence[CheckResult]) -> float | None:
    points = [result.points for result in results]
    known = [value for value in points if value is not None]
    return tidy(math.fsum(known)) if len(known) == len(points) else None


def _part_status(results: Sequence[CheckResult]) -> Status:
    statuses = {result.status for result in results}
    for open_status in (Status.INTERNAL_ERROR, Status.PENDING):
        if open_status in statuses:
            return open_status
    earned, full = _sum(results) or 0.0, tidy(math.fsum(result.max_points for result in results))
    if earned > 0 or not results:
        return Status.PARTIAL if earned < full else Status.PASSED
    return next((status for status in TELLING if status in statuses), Status.FAILED)
