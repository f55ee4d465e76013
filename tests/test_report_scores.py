"""`scores.csv` and `summary.csv`: every row, plain numbers, no formulas, the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import UserError
from grader.models.result import Status
from grader.report.scores import safe_cell, shown_points, write_scores, write_summary
from tests.report_data import part, result

AMY = result(
    "amy",
    part("q1", Status.PARTIAL, auto=6.66666, auto_max=10),
    part("q2", Status.PENDING, auto=5, auto_max=5, manual=None, manual_max=10),
    part("q10", Status.INTERNAL_ERROR, auto=None, auto_max=4),
)
BOB = result(
    "bob",
    part("q1", Status.PASSED, auto=10, auto_max=10),
    part("q2", Status.PARTIAL, auto=5, auto_max=5, manual=2.5, manual_max=10),
    part("q10", Status.MISSING, auto=0, auto_max=4),
    notes=("=late", "Second note."),
)


def test_scores_have_a_row_a_part_in_the_order_of_the_paper(tmp_path: Path) -> None:
    assert write_scores(tmp_path, [BOB, AMY]).read_bytes() == (
        b"exam,submission,question,points,max_points,status,auto_points,manual_points\n"
        b"exam_a,amy,q1,6.67,10,partial,6.67,0\n"
        b"exam_a,amy,q2,,15,pending,5,\n"
        b"exam_a,amy,q10,,4,internal_error,,0\n"
        b"exam_a,bob,q1,10,10,passed,10,0\n"
        b"exam_a,bob,q2,7.5,15,partial,5,2.5\n"
        b"exam_a,bob,q10,0,4,missing,0,0\n"
    )


def test_summary_has_a_row_a_submission(tmp_path: Path) -> None:
    assert write_summary(tmp_path, [BOB, AMY]).read_text() == (
        "exam,submission,points,max_points,auto_points,manual_points,passed,partial,failed,missing,error,timeout,"
        "memory,violation,invalid,pending,internal_error,notes\n"
        "exam_a,amy,,29,,,0,1,0,0,0,0,0,0,0,1,1,\n"
        "exam_a,bob,17.5,29,15,2.5,1,1,0,1,0,0,0,0,0,0,0,'=late Second note.\n"
    )


@pytest.mark.parametrize(
    ("points", "shown"),
    [
        (10.0, "10"),
        (1000.0, "1000"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.285, "0.29"),
        (7.5, "7.5"),
        (1 / 3, "0.33"),
        (0.001, "0"),
        (None, ""),
    ],
)
def test_points_are_short_decimals_rounded_half_up(points: float | None, shown: str) -> None:
    assert shown_points(points) == shown


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd()", "'=cmd()"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", r"'\t=1"),
        ("\r", r"'\r"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        (" =1", "' =1"),
        ("a\x1b[31m\nb\u202e", r"a\x1b[31m\nb\u202e"),
        (r"a\x1b", r"a\\x1b"),
        ("Zoë-Anne", "Zoë-Anne"),
        ("o'neill", "o'neill"),
    ],
)
def test_spreadsheet_never_computes_a_name(text: str, cell: str) -> None:
    assert safe_cell(text) == cell


def test_comma_and_quote_in_a_name_stay_in_their_cell(tmp_path: Path) -> None:
    path = write_scores(tmp_path, [result('a,"b"', part("q1", Status.PASSED, auto=1, auto_max=1))])
    assert path.read_text().splitlines()[1] == 'exam_a,"a,""b""",q1,1,1,passed,1,0'


def test_old_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_scores(tmp_path, [AMY, BOB])
    write_scores(tmp_path, [BOB])
    assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"]
    assert "amy" not in (tmp_path / "scores.csv").read_text()


def test_file_that_cannot_be_written_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"(?s)scores.csv: cannot be written: No such file.*results are kept"):
        write_scores(tmp_path / "gone", [AMY])
