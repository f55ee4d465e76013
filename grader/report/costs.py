"""What cost a class its points: one sentence a mistake, how many made it, where, and what it took from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field

from grader.models.base import Model
from grader.models.result import CheckResult, Status
from grader.models.run import SubmissionResult
from grader.report.score_table import question_of

# What differs from student to student in one and the same mistake: which entries, how far off, which line.
_PARTICULARS = re.compile(
    r"(?:^|(?<=: ))\d+ of \d+ (?=values )"
    r"|; first at \[.*"
    r"|: off by .*"
    r"|^\S+: line \d+: (?=Python cannot)"
    r"|^line \d+ (?=uses )"
    r"|\. It reads: .*"
    r"| \(\S+ line \d+(?:: .*)?\)$",
    re.DOTALL,
)
_WRONG = (Status.FAILED, Status.PARTIAL)


@dataclass(frozen=True, slots=True)
class _Loss:
    """Points that one submission lost on one check."""

    submission: str
    part: str
    status: Status
    text: str
    points: float


class Cost(Model):
    """One mistake: in which parts of a question it was made, by how many, and the points they lost by it in all."""

    text: str
    parts: tuple[str, ...] = Field(description="In the order of the paper.")
    submissions: int
    points: float


def costs(results: Iterable[SubmissionResult]) -> tuple[Cost, ...]:
    """Return every mistake of a class, the most frequent first; of equals the dearer first.

    Points that a person or a rerun still has to decide are not lost. What stopped one submission alone is left
    out, being told beside its name; what stopped several may be a fault of the paper.
    """
    found: dict[tuple[str, str], list[_Loss]] = {}
    for loss in (loss for result in results for loss in _losses(result)):
        found.setdefault((question_of(loss.part), loss.text), []).append(loss)
    every = [_cost(losses) for losses in found.values() if not _is_told_elsewhere(losses)]
    return tuple(sorted(every, key=lambda cost: (-cost.submissions, -cost.points)))


def _cost(losses: Sequence[_Loss]) -> Cost:
    return Cost(
        text=losses[0].text,
        parts=tuple(dict.fromkeys(loss.part for loss in losses)),
        submissions=len({loss.submission for loss in losses}),
        points=round(sum(loss.points for loss in losses), 6),
    )


def _is_told_elsewhere(losses: Sequence[_Loss]) -> bool:
    is_one = len({loss.submission for loss in losses}) == 1
    return is_one and not any(loss.status in _WRONG for loss in losses)


def _losses(result: SubmissionResult) -> Iterator[_Loss]:
    for part in result.parts:
        for check in part.checks:
            if check.points is not None and check.points < check.max_points:
                lost = check.max_points - check.points
                yield _Loss(result.submission, part.part, check.status, _mistake(check), lost)


def _mistake(check: CheckResult) -> str:
    """Return what went wrong, in words that are the same for all who did the same."""
    # The message of a check is about one of its cases, or it is the sentence of a known mistake.
    spoken = [case.message for case in check.cases if case.message and case.message in check.message]
    if not spoken:
        return check.message or check.title
    text = _PARTICULARS.sub("", spoken[0])
    return f"{check.title}: {text}" if check.status in _WRONG else text
