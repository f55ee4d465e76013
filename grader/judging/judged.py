"""One case beside its verdict: right, wrong or stopped, and the sentence that a check says about its cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from grader.judging.wording import constant_text, name_list
from grader.models.outcome import Outcome
from grader.models.result import Comparison, Status
from grader.models.rubric import CallCheck, Choice, ModuleCheck, ValueCheck
from grader.models.value import Value

ScoredCheck: TypeAlias = ValueCheck | CallCheck | ModuleCheck


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one case; `comparison` is None where no value came back."""

    outcome: Outcome
    comparison: Comparison | None

    @property
    def is_right(self) -> bool:
        """A value came back, and it is right."""
        return self.comparison is not None and self.comparison.is_match

    @property
    def is_wrong(self) -> bool:
        """A value came back, and it is not right; or the probe found it wrong itself."""
        return not self.is_right and self.outcome.status in (None, Status.FAILED)

    @property
    def message(self) -> str:
        """Why it is not right, empty where it is."""
        return self.outcome.message if self.comparison is None else self.comparison.message


def in_plain_words(check: ScoredCheck, returned: Value, actual: Value, found: Comparison) -> Comparison:
    """Say it in the words of this kind of check; whether it is right stays as it is."""
    if found.is_match:
        return found
    if returned is None and not isinstance(check, ValueCheck):
        subject = check.call if isinstance(check, CallCheck) else f"{check.module}.forward"
        return found.model_copy(update={"message": f"`{subject}` returns nothing (did you forget `return`?)"})
    own = constant_text(actual) if _is_constant(check) else None
    if own is None or "yours" in found.message:
        return found
    return found.model_copy(update={"message": f"{found.message}; yours is {own}"})


def wrong_message(judged: Sequence[Judged], total: int) -> str:
    """Say which of a check's `total` cases are wrong, and why the first one that may be spoken of is."""
    wrong = [item for item in judged if item.is_wrong]
    speaker = next((item for item in wrong if item.outcome.is_public), wrong[0])
    if len(judged) == 1:
        return speaker.message
    if len(wrong) == total:
        return _wrong_in_all_message(judged, speaker)
    right = [item.outcome.case for item in judged if item.is_right]
    start = f"right on {name_list(right)}; " if right else ""
    names = name_list(item.outcome.case for item in wrong)
    if len(wrong) == 1:
        return f"{start}wrong on {names}: {speaker.message}"
    return f"{start}wrong on {names}; {speaker.outcome.case}: {speaker.message}"


def stopped_message(stopped: Judged, judged: Sequence[Judged]) -> str:
    """Say what stood in the way of a check, and how its other cases went."""
    # A run that broke off before its first case has one outcome, named for no case: `value`.
    is_numbered = stopped.outcome.case[-1:].isdigit() and stopped.outcome.status is not Status.MISSING
    start = f"{stopped.outcome.case}: " if is_numbered else ""
    right = [item.outcome.case for item in judged if item.is_right]
    wrong = [item.outcome.case for item in judged if item.is_wrong]
    end = f"; right on {name_list(right)}" if right else ""
    end += f"; wrong on {name_list(wrong)}" if wrong else ""
    return f"{start}{stopped.message}{end}"


def _wrong_in_all_message(judged: Sequence[Judged], speaker: Judged) -> str:
    if all(item.message == speaker.message for item in judged):
        return f"wrong in all {len(judged)} cases: {speaker.message}"
    return f"wrong in all {len(judged)} cases; {speaker.outcome.case}: {speaker.message}"


def _is_constant(check: ScoredCheck) -> bool:
    """Tell whether the answer is a number of the student's own, which no hidden case can have gone into."""
    if isinstance(check, ModuleCheck):
        return check.measure == "parameter_count"
    return isinstance(check, ValueCheck) and not isinstance(check.judge, Choice)
