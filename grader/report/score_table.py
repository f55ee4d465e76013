"""The table of points of one exam: a row a submission, a column a part, narrowed to the terminal's width."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from pydantic import Field
from rich.cells import cell_len

from grader.models.base import Model
from grader.models.result import PartResult, Status
from grader.models.run import SubmissionResult
from grader.report.scores import shown_points
from grader.report.text import printable

MIN_NAME, MAX_NAME = 8, 28
GOOD_NAME = 16

WORDS = {
    Status.VIOLATION: ("forb", "did what is forbidden"),
    Status.TIMEOUT: ("time", "took too long"),
    Status.MEMORY: ("mem", "used too much memory"),
    Status.ERROR: ("err", "stopped with an error"),
    Status.INVALID: ("inv", "no readable answer"),
    Status.MISSING: ("-", "nothing handed in"),
}
"""What stands in place of 0 points, and what it means; what tells most comes first."""
BLOCKED_SIGN = ("*", "part of it could not be judged, see below")
PENDING_SIGN = ("?", "prose that a person still has to mark")
INTERNAL_SIGN = ("!", "failed by the grader's own fault, no points lost; run again")
_STYLES = {Status.PASSED: "green", Status.PARTIAL: "yellow", Status.FAILED: "red"}


class Cell(Model):
    """One piece of the table: what is written and in what style."""

    text: str
    style: str = ""


class ScoreTable(Model):
    """Header, points of a full answer, and rows; the first column is the submission's name."""

    columns: tuple[str, ...]
    maxima: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    gap: int = Field(description="Blanks between two columns.")

    @property
    def widths(self) -> tuple[int, ...]:
        """Width of each column on the terminal, without gaps."""
        lines = [self.columns, self.maxima, *([cell.text for cell in row] for row in self.rows)]
        return tuple(max(map(cell_len, column)) for column in zip(*lines, strict=True))

    def room(self, width: int) -> int:
        """Return what `width` leaves for the name."""
        return width - sum(self.widths[1:]) - self.gap * (len(self.columns) - 1)

    @property
    def signs(self) -> tuple[tuple[str, str], ...]:
        """The signs that occur, each with its meaning."""
        text = "".join(cell.text for row in self.rows for cell in row[1:])
        words = {cell.text.partition("+")[0] for row in self.rows for cell in row[1:]}
        signs = [sign for sign in WORDS.values() if sign[0] in words]
        return (*signs, *(sign for sign in (BLOCKED_SIGN, PENDING_SIGN, INTERNAL_SIGN) if sign[0] in text))


def fitting_table(
    results: Sequence[SubmissionResult], width: int, *, longest_name: int = MAX_NAME
) -> ScoreTable:
    """Return the table by part; by question where that is wider than `width`; totals only where both are.

    A name has at most `longest_name` characters.
    """
    parts = [part.part for part in results[0].parts]
    by_part = [(part, (part,)) for part in parts]
    by_question = [(question, tuple(group)) for question, group in groupby(parts, key=question_of)]
    for columns in (by_part, by_question):
        for gap, name in ((2, GOOD_NAME), (1, MIN_NAME)):
            table = _table(results, columns, gap, longest_name)
            if table.room(width) >= min(name, table.widths[0]):
                return table
    return _table(results, [], 2, longest_name)


def question_of(part: str) -> str:
    """Return the question that a part's id belongs to: `q5` of `q5b`."""
    found = re.match(r"[a-z_]*\d+", part)
    return found[0] if found else part


def _table(
    results: Sequence[SubmissionResult],
    columns: Sequence[tuple[str, tuple[str, ...]]],
    gap: int,
    longest_name: int,
) -> ScoreTable:
    first = {part.part: part for part in results[0].parts}
    maxima = [sum(first[part].max_points for part in parts) for _, parts in columns]
    rows = []
    for result in results:
        by_id = {part.part: part for part in result.parts}
        cells = [_cell([by_id[part] for part in parts]) for _, parts in columns]
        total = Cell(text=_total(result.parts, shown_points(_known(result.parts))), style="bold")
        rows.append((Cell(text=printable(result.submission, longest_name)), *cells, total))
    return ScoreTable(
        columns=("submission", *(column for column, _ in columns), "total"),
        maxima=("", *(f"/{shown_points(points)}" for points in (*maxima, results[0].max_points))),
        rows=tuple(rows),
        gap=gap,
    )


def _cell(parts: Sequence[PartResult]) -> Cell:
    statuses = {part.status for part in parts}
    text = _total(parts, _points_or_word(parts))
    if Status.INTERNAL_ERROR in statuses or Status.PENDING in statuses:
        return Cell(text=text, style="bold magenta" if Status.INTERNAL_ERROR in statuses else "cyan")
    style = next((_STYLES[status] for status in _STYLES if statuses == {status}), "yellow")
    return Cell(text=text, style=style if _known(parts) else "red")


def _points_or_word(parts: Sequence[PartResult]) -> str:
    """Return the points known so far; what stood in their way in place of 0, a star where it left some."""
    known = _known(parts)
    blocked = {check.status for part in parts for check in part.checks if not check.is_manual} & WORDS.keys()
    statuses = {part.status for part in parts}
    if not known and len(statuses) == 1 and (blocked or statuses <= WORDS.keys()):
        return WORDS[next(status for status in WORDS if status in blocked | statuses)][0]
    return shown_points(known) + ("*" if blocked else "")


def _total(parts: Sequence[PartResult], known: str) -> str:
    """Return what is known so far with a sign for what is still to come."""
    if any(part.status is Status.INTERNAL_ERROR for part in parts):
        return f"{known}+!" if len(parts) > 1 or known != "0" else "!"
    if any(part.points is None for part in parts):
        return f"{known}+?" if any(part.auto_max for part in parts) or known != "0" else "?"
    return known


def _known(parts: Iterable[PartResult]) -> float:
    return sum(
        points for part in parts for points in (part.auto_points, part.manual_points) if points is not None
    )
