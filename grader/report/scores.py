"""`scores.csv`, a row a submission and part, and `summary.csv`, a row a submission.

Same results, same bytes: rows sorted by exam, submission and the order of the paper, LF line ends, UTF-8.
Points have at most two decimals, rounded half up, and are summed before they are rounded. A cell of points is
empty while a person or an internal error stands between the answer and its mark.

`summary.csv`: exam, submission, points, max_points, auto_points, manual_points (points as above), then how
many parts have each status, then what could not be read, as `notes`.
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from grader.errors import UserError
from grader.models.result import Status
from grader.models.run import SubmissionResult
from grader.report.text import printable

SCORES = "scores.csv"
SUMMARY = "summary.csv"
SCORE_COLUMNS = (
    "exam", "submission", "question", "points", "max_points", "status", "auto_points", "manual_points",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "exam", "submission", "points", "max_points", "auto_points", "manual_points",
    *(status.value for status in Status), "notes",
)  # fmt: skip
MAX_CELL = 2_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_scores(out: Path, results: Iterable[SubmissionResult]) -> Path:
    """Write `scores.csv` into `out`, whole or not at all; return its path. Raises UserError if it cannot."""
    return _write(out / SCORES, SCORE_COLUMNS, _score_rows(_sorted(results)))


def write_summary(out: Path, results: Iterable[SubmissionResult]) -> Path:
    """Write `summary.csv` into `out`, whole or not at all; return its path. Raises UserError if it cannot."""
    return _write(out / SUMMARY, SUMMARY_COLUMNS, _summary_rows(_sorted(results)))


def shown_points(points: float | None) -> str:
    """Return points as people write them: `10`, `7.5`, `6.67`; empty for None."""
    if points is None:
        return ""
    rounded = Decimal(repr(float(points))).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{rounded:f}".rstrip("0").rstrip(".") if rounded else "0"


def safe_cell(text: str) -> str:
    """Return text that a spreadsheet shows and never computes; two different texts stay different."""
    escaped = printable(text.replace("\\", "\\\\"), MAX_CELL)
    # Looked at behind quotes and blanks as well: `'=x` must not become what `=x` becomes.
    start = text.lstrip("' \N{NO-BREAK SPACE}")
    return f"'{escaped}" if start.startswith(_FORMULA) or text.startswith(_FORMULA) else escaped


def _sorted(results: Iterable[SubmissionResult]) -> list[SubmissionResult]:
    return sorted(results, key=lambda result: (result.exam, result.submission))


def _score_rows(results: Iterable[SubmissionResult]) -> Iterator[Sequence[str]]:
    for result in results:
        for part in result.parts:
            yield (
                result.exam, safe_cell(result.submission), part.part, shown_points(part.points),
                shown_points(part.max_points), part.status.value, shown_points(part.auto_points),
                shown_points(part.manual_points),
            )  # fmt: skip


def _summary_rows(results: Iterable[SubmissionResult]) -> Iterator[Sequence[str]]:
    for result in results:
        count = Counter(part.status for part in result.parts)
        points = (result.points, result.max_points, result.auto_points, result.manual_points)
        counts = [str(count[status]) for status in Status]
        notes = safe_cell(" ".join(result.notes))
        yield (result.exam, safe_cell(result.submission), *map(shown_points, points), *counts, notes)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    unfinished = path.with_name(path.name + ".tmp")
    try:
        with unfinished.open("wb") as stream:
            stream.write(text.getvalue().encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written: {error.strerror}\n"
            "  Mend that and run the same command again; the results are kept."
        ) from None
    return path
