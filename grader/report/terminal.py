"""The end of a run on the terminal: a table an exam, the class in a line, what went wrong, the files."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from grader.models.result import PartResult, Status
from grader.models.run import RunSummary, SubmissionResult
from grader.report.score_table import MAX_NAME, MIN_NAME, Cell, ScoreTable, fitting_table
from grader.report.scores import SCORES, SUMMARY, shown_points
from grader.report.text import printable

MAX_REASONS = 30
MAX_NOTES = 3

_REASONS = (
    Status.INTERNAL_ERROR,
    Status.VIOLATION,
    Status.TIMEOUT,
    Status.MEMORY,
    Status.ERROR,
    Status.INVALID,
)


def show(summary: RunSummary, out: Path, console: Console) -> None:
    """Print a run's results and the files that hold them."""
    for _, group in groupby(summary.results, key=lambda result: result.exam):
        show_exam(tuple(group), console)
    _print(console, f"marks: {out / SCORES} (by part), {out / SUMMARY} (by submission)")
    if summary.internal_errors:
        jobs = _count(summary.internal_errors, "job")
        text = (
            f"{jobs} failed by the grader's own fault: no points lost; run the same command again to repeat"
        )
        _print(console, text, "bold magenta")


def show_exam(results: Sequence[SubmissionResult], console: Console) -> None:
    """Print one exam: the table, its signs, the class in a line, and who met an obstacle."""
    table = fitting_table(results, console.width)
    _print(console, f"\n{results[0].exam}, {_count(len(results), 'submission')}", "bold")
    _print_table(table, console)
    if table.signs:
        _wrap(console, ["signs:", *(f"{sign} {meaning};" for sign, meaning in table.signs)], "dim")
    _wrap(console, class_line(results).split(), "bold")
    lines = [line for result in results for line in reason_lines(result)]
    width = min(max((cell_len(name) for name, _ in lines), default=0), MAX_NAME)
    for name, reason in lines[:MAX_REASONS]:
        _print(console, _cropped(f"  {set_cell_size(name, width)}  {reason}", console.width))
    if len(lines) > MAX_REASONS:
        _print(
            console, f"  and {len(lines) - MAX_REASONS} lines more; {SUMMARY} has a row for each submission"
        )
    _print(console, "")


def class_line(results: Sequence[SubmissionResult]) -> str:
    """Return the class in one line; over the automatic points while prose waits for a person."""
    pending = sum(any(part.status is Status.PENDING for part in result.parts) for result in results)
    errors = sum(any(part.status is Status.INTERNAL_ERROR for part in result.parts) for result in results)
    totals = [result.auto_points if pending else result.points for result in results]
    known = [total for total in totals if total is not None]
    of = shown_points(results[0].auto_max if pending else results[0].max_points)
    line = f"class: {len(known)} with {'automatic points' if pending else 'points'} (of {of})"
    if known:
        mean, median = (
            shown_points(round(value(known), 1)) for value in (statistics.mean, statistics.median)
        )
        line += f": mean {mean}, median {median}, {shown_points(min(known))} to {shown_points(max(known))}"
    line += f"; {pending} with prose to mark" if pending else ""
    return line + (f"; {errors} with an internal error" if errors else "")


def reason_lines(result: SubmissionResult) -> list[tuple[str, str]]:
    """Return (name, reason) lines: what kept answers from being judged, then what could not be read."""
    name = printable(result.submission, MAX_NAME)
    reasons = [reason for status in _REASONS for reason in _reasons(result.parts, status)]
    reasons += _missing(result.parts)
    lines = [(name, "; ".join(reasons))] if reasons else []
    lines += [(name, f"note: {printable(note, 300)}") for note in result.notes[:MAX_NOTES]]
    more = len(result.notes) - MAX_NOTES
    return [*lines, (name, f"note: {_count(more, 'more note')} in {SUMMARY}")] if more > 0 else lines


def _reasons(parts: Sequence[PartResult], status: Status) -> list[str]:
    """Return a phrase for each message, naming the parts that share it."""
    by_message: dict[str, list[str]] = {}
    for part in parts:
        message = _message(part, status)
        if message is not None:
            by_message.setdefault(message, []).append(part.part)
    word = status.value.replace("_", " ")
    phrases = []
    for message, ids in by_message.items():
        label = f"{_named(ids, parts)} {word}"
        phrases.append(f"{label}: {printable(message, 160)}" if message else label)
    return phrases


def _missing(parts: Sequence[PartResult]) -> list[str]:
    """Return a phrase for the parts that are missing, and one for those of which something is."""
    whole = [part.part for part in parts if part.status is Status.MISSING]
    some = [
        part.part
        for part in parts
        if part.part not in whole and any(check.status is Status.MISSING for check in part.checks)
    ]
    phrases = ((whole, "missing"), (some, "missing in part"))
    return [f"{_named(ids, parts)} {word}" for ids, word in phrases if ids]


def _named(ids: Sequence[str], parts: Sequence[PartResult]) -> str:
    return "all parts" if len(ids) == len(parts) > 1 else " ".join(ids)


def _message(part: PartResult, status: Status) -> str | None:
    """Return the message of the part's first check with this status, None if the part does not have it."""
    found = next((check.message for check in part.checks if check.status is status), None)
    return "" if found is None and part.status is status else found


def _print_table(table: ScoreTable, console: Console) -> None:
    name = max(min(table.widths[0], table.room(console.width)), MIN_NAME)
    widths = (name, *(table.gap + width for width in table.widths[1:]))
    lines = [
        _row([Cell(text=text, style="bold") for text in table.columns], widths),
        _row([Cell(text=text, style="dim") for text in table.maxima], widths),
        Text("─" * sum(widths), "dim"),
        *(_row(row, widths) for row in table.rows),
    ]
    for line in lines:
        console.print(line, soft_wrap=True)


def _row(cells: Sequence[Cell], widths: Sequence[int]) -> Text:
    name = _cropped(cells[0].text, widths[0])
    line = Text(name, cells[0].style)
    line.append(" " * (widths[0] - cell_len(name)))
    for cell, width in zip(cells[1:], widths[1:], strict=True):
        line.append(" " * (width - cell_len(cell.text)))
        line.append(cell.text, cell.style)
    return line


def _cropped(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _print(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style), soft_wrap=True)


def _wrap(console: Console, pieces: Sequence[str], style: str) -> None:
    """Print pieces in as few lines as they need, none cut in two."""
    line = pieces[0]
    for piece in pieces[1:]:
        if cell_len(line) + 1 + cell_len(piece) > console.width:
            _print(console, line, style)
            line = f"  {piece}"
        else:
            line += f" {piece}"
    _print(console, line.rstrip(";"), style)
