"""The end of a run on the terminal: a table an exam, the class in a line, what cost points, obstacles, the files."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from grader.models.result import Status
from grader.models.run import RunSummary, SubmissionResult
from grader.report.costs import Cost, costs
from grader.report.obstacles import obstacles
from grader.report.page import Page
from grader.report.score_table import MAX_NAME, MIN_NAME, Cell, ScoreTable, fitting_table
from grader.report.scores import SCORES, SUMMARY, shown_points
from grader.report.text import printable
from grader.sandbox.modes import WARNINGS

MAX_COSTS = 12
COST_LINES = 2
MAX_REASONS = 20
MAX_NOTES = 3
MAX_TEXT = 500
MAX_PATH = 4096
WHOLE_NAME = 200


def show(summary: RunSummary, out: Path, console: Console) -> None:
    """Print a run's results and the files that hold them."""
    page = Page(console)
    if warning := WARNINGS.get(summary.sandbox):
        page.line(f"\n{warning}", "bold red")
    for _, group in groupby(summary.results, key=lambda result: result.exam):
        _show_exam(tuple(group), page)
    by_part, by_submission = (printable(str(out / name), MAX_PATH) for name in (SCORES, SUMMARY))
    page.line(f"marks: {by_part} (by part), {by_submission} (by submission)")
    if summary.internal_errors:
        jobs = _count(summary.internal_errors, "job")
        text = "failed by the grader's own fault: no points lost; run the same command again to repeat"
        page.line(f"{jobs} {text}", "bold magenta")


def _show_exam(results: Sequence[SubmissionResult], page: Page) -> None:
    """Print one exam: the table, its signs, the class in a line, what cost points, and who met an obstacle."""
    longest = MAX_NAME if page.is_terminal else WHOLE_NAME
    table = fitting_table(results, page.width, longest_name=longest)
    page.line(f"\n{results[0].exam}, {_count(len(results), 'submission')}", "bold")
    _print_table(table, page)
    if table.signs:
        *signs, last = (f"{sign} {meaning}" for sign, meaning in table.signs)
        page.pieces(["signs:", *(f"{sign};" for sign in signs), last], "dim")
    page.pieces(class_line(results).split(" "), "bold")
    _print_costs(costs(results), page)
    _print_obstacles(results, page, longest)
    page.line("")


def _print_costs(found: Sequence[Cost], page: Page) -> None:
    if not found:
        return
    page.line("\nwhat cost points (how many students, where, points lost in all):", "bold")
    rows = [
        (str(cost.submissions), _place(cost), shown_points(cost.points), printable(cost.text, MAX_TEXT))
        for cost in found[:MAX_COSTS]
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = COST_LINES if page.is_terminal else None
    for many, place, points, text in rows:
        start = f"  {many:>{widths[0]}}  {place:<{widths[1]}}  {points:>{widths[2]}}  "
        page.hanging(start, text, max_lines=lines)
    if len(found) > MAX_COSTS:
        page.line(f"  and {_count(len(found) - MAX_COSTS, 'more mistake')}; `--json` prints every message")


def _place(cost: Cost) -> str:
    return " ".join(cost.parts) if len(cost.parts) <= 3 else f"{cost.parts[0]}…{cost.parts[-1]}"


def _print_obstacles(results: Sequence[SubmissionResult], page: Page, longest_name: int) -> None:
    lines = [
        (printable(result.submission, longest_name), reason)
        for result in results
        for reason in reasons(result)
    ]
    if not lines:
        return
    page.line("\nto look at:", "bold")
    shown = lines[:MAX_REASONS] if page.is_terminal else lines
    width = max(cell_len(name) for name, _ in shown)
    for name, reason in shown:
        page.hanging(f"  {set_cell_size(name, width)}  ", reason)
    if len(shown) < len(lines):
        more = _count(len(lines) - len(shown), "more line")
        page.line(f"  and {more}; a run into a file or a pipe prints them all")


def reasons(result: SubmissionResult) -> list[str]:
    """Return what kept a submission's answers from being judged, in one line; then what could not be read."""
    met = obstacles(result.parts)
    notes = [f"note: {printable(note, 300)}" for note in result.notes[:MAX_NOTES]]
    more = len(result.notes) - MAX_NOTES
    last = [f"note: {_count(more, 'more note')} in {SUMMARY}"] if more > 0 else []
    return [*(["; ".join(met)] if met else []), *notes, *last]


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


def _print_table(table: ScoreTable, page: Page) -> None:
    name = max(min(table.widths[0], table.room(page.width)), MIN_NAME)
    widths = (name, *(table.gap + width for width in table.widths[1:]))
    lines = [
        _row([Cell(text=text, style="bold") for text in table.columns], widths),
        _row([Cell(text=text, style="dim") for text in table.maxima], widths),
        Text("─" * sum(widths), "dim"),
        *(_row(row, widths) for row in table.rows),
    ]
    for line in lines:
        page.line(line)


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
