"""What stood between a student and a mark, in phrases: errors and time limits with their words, what is not there."""

from __future__ import annotations

from collections.abc import Sequence

from grader.models.result import CheckResult, PartResult, Status
from grader.report.text import printable

MAX_MESSAGE = 300

_STATUSES = (
    Status.INTERNAL_ERROR,
    Status.VIOLATION,
    Status.TIMEOUT,
    Status.MEMORY,
    Status.ERROR,
    Status.INVALID,
)
_NOT_HANDED_IN = " was not handed in"


def obstacles(parts: Sequence[PartResult]) -> list[str]:
    """Return a phrase for each obstacle that a submission met, what tells most first; none if it met none."""
    phrases = [phrase for status in _STATUSES for phrase in _stopped(parts, status)]
    return [*phrases, *_missing(parts)]


def _stopped(parts: Sequence[PartResult], status: Status) -> list[str]:
    """Return a phrase for each message of the checks with this status, naming the parts that share it."""
    word = status.value.replace("_", " ")
    phrases = []
    for message, ids in _by_message(parts, status).items():
        label = f"{_named(ids, parts)} {word}"
        phrases.append(f"{label}: {printable(message, MAX_MESSAGE)}" if message else label)
    return phrases


def _by_message(parts: Sequence[PartResult], status: Status) -> dict[str, list[str]]:
    """Return message → parts; of a part its first check with this status speaks."""
    found: dict[str, list[str]] = {}
    for part in parts:
        checks = [check for check in part.checks if status is not Status.MISSING or not check.is_manual]
        message = next((check.message for check in checks if check.status is status), None)
        if message is not None:
            found.setdefault(message, []).append(part.part)
    return found


def _missing(parts: Sequence[PartResult]) -> list[str]:
    if len(parts) > 1 and all(part.status is Status.MISSING for part in parts):
        return ["nothing that is asked for is there"]
    files, phrases = [], []
    for message, ids in _by_message(parts, Status.MISSING).items():
        if message.endswith(_NOT_HANDED_IN):
            files.append(printable(message.removesuffix(_NOT_HANDED_IN)))
        else:
            about = f": {printable(message, MAX_MESSAGE)}" if message else ""
            phrases.append(f"{_named(ids, parts)} missing{about}")
    if files:
        phrases.append(f"{_listed(files)} {'was' if len(files) == 1 else 'were'} not handed in")
    silent = [part.part for part in parts if any(map(_is_unwritten, part.checks))]
    return [*phrases, f"no written answer to {_listed(silent)}"] if silent else phrases


def _is_unwritten(check: CheckResult) -> bool:
    return check.is_manual and check.status is Status.MISSING


def _named(ids: Sequence[str], parts: Sequence[PartResult]) -> str:
    return "all parts" if len(ids) == len(parts) > 1 else " ".join(ids)


def _listed(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1]) if len(names) > 1 else names)
