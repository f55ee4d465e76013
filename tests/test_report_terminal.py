"""The table at the end of a run, safe text, and the progress lines."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.models.result import Status
from grader.models.run import RunSummary
from grader.report.progress import Progress
from grader.report.score_table import fitting_table
from grader.report.terminal import class_line, reasons, show
from grader.report.text import printable
from tests.report_data import part, result, summary

SNU = {
    "q1": 10,
    "q2": 15,
    "q3": 15,
    "q4a": 8,
    "q4b": 7,
    "q5a": 4,
    "q5b": 11,
    "q6": 15,
    "q7i": 4,
    "q7ii": 7,
    "q7iii": 4,
}


def printed(run: RunSummary) -> list[str]:
    """What goes to a file or a pipe."""
    return shown_on(Console(file=io.StringIO(), width=80), run)


def on_terminal(run: RunSummary, width: int) -> list[str]:
    """What a terminal of so many columns shows, without its colours."""
    return shown_on(Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None), run)


def shown_on(console: Console, run: RunSummary) -> list[str]:
    show(run, Path("results"), console)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # every console here has a StringIO


def test_table_names_points_pending_prose_and_obstacles() -> None:
    amy = result(
        "amy",
        part("q1", Status.PASSED, auto=10),
        part("q2", Status.PENDING, auto=5, auto_max=5, manual=None, manual_max=10),
        part("q3", Status.PENDING, auto_max=0, manual=None, manual_max=4),
    )
    bob = result(
        "bob",
        part("q1", Status.TIMEOUT, message="stopped after 10 s"),
        part(
            "q2",
            Status.PENDING,
            auto_max=5,
            manual=None,
            manual_max=10,
            message="NameError",
            check_status=Status.ERROR,
        ),
        part("q3", Status.MISSING, auto_max=0, manual_max=4, is_manual=True),
        notes=("Q2.py is graded as q2.py.",),
    )
    assert printed(summary(amy, bob)) == [
        "",
        "exam_a, 2 submissions",
        "submission    q1     q2  q3  total",
        "             /10    /15  /4    /29",
        "──────────────────────────────────",
        "amy           10    5+?   ?   15+?",
        "bob         time  err+?   -    0+?",
        "signs: time took too long; err stopped with an error; - nothing handed in; "
        "? prose that a person still has to mark",
        "class: 2 with automatic points (of 15): mean 7.5, median 7.5, 0 to 15; 2 with prose to mark",
        "",
        "to look at:",
        "  bob  q1 timeout: stopped after 10 s; q2 error: NameError; no written answer to q3",
        "  bob  note: Q2.py is graded as q2.py.",
        "",
        "marks: results/scores.csv (by part), results/summary.csv (by submission)",
    ]


@pytest.mark.parametrize("width", [80, 100])
def test_eleven_parts_fit_the_terminal(width: int) -> None:
    parts = [
        part(name, Status.PENDING, auto=2.67, auto_max=most, manual=None, manual_max=1)
        for name, most in SNU.items()
    ]
    lines = on_terminal(summary(result("a_very_long_name_of_a_student_indeed", *parts)), width)
    assert max(map(cell_len, lines)) <= width
    assert any(line.startswith("a_very_long") and "…" in line for line in lines)


def test_what_is_no_terminal_gets_every_part_and_every_word() -> None:
    name = "a_very_long_name_of_a_student_indeed"
    words = "so " * 80 + "end"
    parts = [part(f"question{number}", Status.ERROR, message=words) for number in range(1, 31)]
    lines = printed(summary(result(name, *parts)))
    assert "question30" in lines[2]
    assert any(line.startswith(f"{name}  ") for line in lines)
    assert f"  {name}  all parts error: {words}" in lines


def test_terminal_wraps_reasons_below_themselves() -> None:
    run = summary(result("ben", part("q1", Status.ERROR, message="one two three four five six seven")))
    lines = on_terminal(run, 42)
    assert lines[-5:-1] == [
        "to look at:",
        "  ben  q1 error: one two three four five",
        "       six seven",
        "",
    ]


def test_table_too_wide_by_part_is_shown_by_question() -> None:
    parts = [
        part(f"q{question}.{sub}", Status.PASSED, auto=10) for question in (1, 2) for sub in range(1, 11)
    ]
    table = fitting_table([result("amy", *parts)], 80)
    assert (table.columns, table.maxima) == (
        ("submission", "q1", "q2", "total"),
        ("", "/100", "/100", "/200"),
    )


def test_internal_error_costs_no_points_and_is_told() -> None:
    eve = result(
        "eve",
        part("q1", Status.PASSED, auto=10),
        part("q2", Status.INTERNAL_ERROR, auto=None, message="it died"),
    )
    lines = printed(summary(eve, internal_errors=1))
    assert lines[5].split() == ["eve", "10", "!", "10+!"]
    assert lines[6] == "signs: ! failed by the grader's own fault, no points lost; run again"
    assert lines[7] == "class: 0 with points (of 20); 1 with an internal error"
    assert lines[10] == "  eve  q2 internal error: it died"
    assert (
        lines[-1]
        == "1 job failed by the grader's own fault: no points lost; run the same command again to repeat"
    )


def test_parts_that_share_a_message_share_its_line() -> None:
    ben = result(
        "ben",
        part("q1", Status.PASSED, auto=10),
        part("q5a", Status.ERROR, message="SyntaxError in line 3"),
        part("q5b", Status.ERROR, message="SyntaxError in line 3"),
    )
    assert reasons(ben) == ["q5a q5b error: SyntaxError in line 3"]


def test_many_notes_of_one_student_do_not_fill_the_screen() -> None:
    lines = reasons(result("ben", part("q1", Status.PASSED, auto=10), notes=("a", "b", "c", "d", "e")))
    assert lines == [
        "note: a",
        "note: b",
        "note: c",
        "note: 2 more notes in summary.csv",
    ]


def test_files_names_and_written_answers_that_are_missing_are_told_apart() -> None:
    ben = result(
        "ben",
        part("q1", Status.PARTIAL, auto=5, check_status=Status.MISSING, message="no prose", is_manual=True),
        part("q2", Status.MISSING, message="q2.py was not handed in"),
        part("q3a", Status.MISSING, message="q3.py was not handed in"),
        part("q3b", Status.MISSING, message="q3.py was not handed in"),
        part("q4", Status.MISSING, message="`w`: the file does not define it"),
        part("q5", Status.MISSING, message="no prose", is_manual=True),
    )
    assert reasons(ben) == [
        "q4 missing: `w`: the file does not define it; q2.py and q3.py were not handed in; "
        "no written answer to q1 and q5"
    ]


def test_empty_submission_is_one_phrase() -> None:
    parts = [part(name, Status.MISSING, message=f"{name}.py was not handed in") for name in SNU]
    assert reasons(result("ben", *parts)) == ["nothing that is asked for is there"]


def test_obstacle_in_a_part_that_waits_for_a_person_shows_in_the_table() -> None:
    half = part(
        "q6", Status.PENDING, auto=4, auto_max=8, manual=None, manual_max=7, check_status=Status.ERROR
    )
    table = fitting_table([result("ben", half, part("q7", Status.PASSED, auto=10))], 80)
    assert [cell.text for cell in table.rows[0]] == ["ben", "4*+?", "10", "14+?"]
    assert table.signs == (
        ("*", "part of it could not be judged, see below"),
        ("?", "prose that a person still has to mark"),
    )


def test_points_beside_an_obstacle_are_starred_and_none_are_its_word() -> None:
    some = part("q1", Status.PARTIAL, auto=4, check_status=Status.TIMEOUT)
    table = fitting_table([result("ben", some, part("q2", Status.FAILED), part("q3", Status.INVALID))], 80)
    assert [cell.text for cell in table.rows[0]] == ["ben", "4*", "0", "inv", "4"]


def test_class_line_counts_whole_points_once_all_is_marked() -> None:
    results = [result(str(points), part("q1", Status.PARTIAL, auto=points)) for points in (1.0, 2.0, 9.0)]
    assert class_line(results) == "class: 3 with points (of 10): mean 4, median 2, 1 to 9"


def test_hostile_text_cannot_steer_the_terminal() -> None:
    evil = "x\x1b[2J\x9b\n\u202e\u200b[red]"
    run = summary(
        result(evil, part("q1", Status.ERROR, message=evil), notes=(evil,)),
        result("b", part("q1", Status.FAILED, message=evil)),
    )
    lines = [*printed(run), *on_terminal(run, 120)]
    assert not any(char in "".join(lines) for char in "\x1b\x9b\u202e\u200b")
    assert any(r"x\x1b[2J\x9b\n\u202e\u200b[red]" in line for line in lines)


def test_long_list_of_obstacles_is_cut() -> None:
    run = summary(*(result(f"s{n:02}", part("q1", Status.TIMEOUT)) for n in range(25)))
    assert "  and 5 more lines; a run into a file or a pipe prints them all" in on_terminal(run, 80)
    assert "  s24  q1 timeout" in printed(run)


def test_what_cost_points_is_printed_most_frequent_first_and_cut_on_a_terminal() -> None:
    say = "Your filters are right for a convolution that turns its kernel round. " + "Conv2d does not. " * 5
    run = summary(
        result("a", part("q1", Status.PARTIAL, auto=6, message=say), part("q2", Status.PASSED, auto=10)),
        result("b", part("q1", Status.FAILED, message="Signs."), part("q2", Status.PASSED, auto=10)),
        result("c", part("q1", Status.FAILED, message="Signs."), part("q2", Status.FAILED, message="Zero.")),
    )
    lines = on_terminal(run, 80)
    start = lines.index("what cost points (how many students, where, points lost in all):")
    assert lines[start + 1 : start + 6] == [
        "  2  q1  20  Signs.",
        "  1  q2  10  Zero.",
        "  1  q1   4  Your filters are right for a convolution that turns its kernel",
        "             round. Conv2d does not. Conv2d does not. Conv2d does not. Conv2d …",
        "",
    ]
    assert f"  1  q1   4  {say}" in printed(run)


def test_list_of_what_cost_points_stays_short() -> None:
    parts = [part(f"q{n}", Status.FAILED, message=f"Mistake {n}.") for n in range(15)]
    lines = printed(summary(result("ben", *parts)))
    assert "  and 3 more mistakes; `--json` prints every message" in lines
    assert sum("Mistake" in line for line in lines) == 12


def test_class_without_losses_ends_with_the_files() -> None:
    lines = printed(summary(result("amy", part("q1", Status.PASSED, auto=10))))
    assert lines[5:] == [
        "amy          10     10",
        "class: 1 with points (of 10): mean 10, median 10, 10 to 10",
        "",
        "marks: results/scores.csv (by part), results/summary.csv (by submission)",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve θ 김 🙂", "naïve θ 김 🙂"),
        ("a\r\n\tb", r"a\r\n\tb"),
        ("\x00\x7f\x85", r"\x00\x7f\x85"),
        ("\u2066\ufeff\U000e0041", r"\u2066\ufeff\U000e0041"),
        ("e" + "\u0301" * 5, "e" + "\u0301" * 3 + r"\u0301\u0301"),
        ("abcdefghijkl", "abcdefghi…"),
    ],
)
def test_printable_spells_out_what_is_not(text: str, shown: str) -> None:
    assert printable(text, 40 if len(text) < 12 else 10) == shown


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_plain_progress_is_a_line_every_few_seconds_and_one_at_the_end() -> None:
    clock, console = Clock(), Console(file=io.StringIO(), width=100)
    progress = Progress(console, clock)
    progress.start(10, 4)
    for now in (2.0, 4.0, 6.0, 8.0):
        clock.now = now
        progress.job_done("amy", "q1", [Status.PASSED])
    progress.note("a [note]\x1b")
    progress.stop()
    progress.stop()
    assert console.file.getvalue().splitlines() == [  # type: ignore[attr-defined]  # it is the StringIO above
        "resuming: 4 of 10 jobs are done already",
        "7 of 10 jobs, about 6 s left",
        r"a [note]\x1b",
        "8 of 10 jobs done, 4 now, in 8.0 s",
    ]


def test_live_progress_shows_who_is_graded() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    progress = Progress(console)
    progress.start(2, 0)
    progress.job_done("[bold]amy\x07", "q1", [Status.PASSED])
    progress._live.refresh()  # type: ignore[union-attr]  # it is live: the console claims a terminal
    progress.stop()
    assert r"[bold]amy\x07 q1" in console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above
