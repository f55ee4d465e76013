"""What cost a class its points: the same mistake counted once a student, whatever its particulars."""

from __future__ import annotations

import pytest

from grader.models.result import CaseResult, CheckResult, PartResult, Status
from grader.report.costs import Cost, costs
from tests.report_data import part, result


def failing(part_id: str, message: str, *, status: Status = Status.FAILED, lead: str = "") -> PartResult:
    """A part of 2 points, none earned, whose message is about its only case."""
    check = CheckResult(
        check=f"{part_id}.1",
        title="the mean",
        status=status,
        points=0,
        max_points=2,
        message=lead + message,
        cases=(CaseResult(case="public 1", status=status, message=message),),
    )
    return PartResult(
        part=part_id,
        status=status,
        auto_points=0,
        auto_max=2,
        manual_points=0,
        manual_max=0,
        checks=(check,),
    )


def test_same_sentence_is_counted_once_a_student_and_its_points_are_added() -> None:
    found = costs(
        [
            result("amy", part("q7i", Status.PARTIAL, auto=4, message="Transposed.")),
            result(
                "ben",
                part("q7i", Status.FAILED, message="Transposed."),
                part("q7ii", Status.PARTIAL, auto=9.5, message="Transposed."),
            ),
        ]
    )
    assert found == (Cost(text="Transposed.", parts=("q7i", "q7ii"), submissions=2, points=16.5),)


def test_same_sentence_in_two_questions_is_two_mistakes() -> None:
    found = costs([result("amy", failing("q1", "None"), failing("q2", "None"))])
    assert [(cost.parts, cost.points) for cost in found] == [(("q1",), 2), (("q2",), 2)]


def test_frequent_mistakes_come_first_and_dear_ones_before_cheap_ones() -> None:
    found = costs(
        [
            result(
                "amy",
                part("q1", Status.PARTIAL, auto=9, message="Cheap."),
                part("q2", Status.FAILED, message="Dear."),
            ),
            result("ben", part("q3", Status.PARTIAL, auto=9, message="Common.")),
            result("cem", part("q3", Status.PARTIAL, auto=9, message="Common.")),
        ]
    )
    assert [cost.text for cost in found] == ["Common.", "Dear.", "Cheap."]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("not the right choice", "the mean: not the right choice"),
        (
            "3 of 64 values differ; first at [2, 5]; largest off by over 10%, allowed 0.0004%",
            "the mean: values differ",
        ),
        (
            "result[1]: 3 of 4 values are NaN where numbers are asked; first at [0]",
            "the mean: result[1]: values are NaN where numbers are asked",
        ),
        ("not the number asked: off by over 1%, allowed 0.0004%", "the mean: not the number asked"),
        ("not the number asked; yours is 69", "the mean: not the number asked; yours is 69"),
        ("shape (3, 4), but (4, 3) is asked", "the mean: shape (3, 4), but (4, 3) is asked"),
    ],
)
def test_wrong_answer_is_told_by_what_was_asked_and_without_particulars(message: str, text: str) -> None:
    (found,) = costs([result("amy", failing("q4a", message, lead="right on public 1; wrong on hidden 1: "))])
    assert found.text == text


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("TypeError: no (x) here (q5.py line 14: raise TypeError('(')", "TypeError: no (x) here"),
        (
            "q5.py: line 13: Python cannot read this ('(' was never closed). It reads: f(",
            "Python cannot read this ('(' was never closed)",
        ),
        ("line 22 uses .backward(), which this is", "uses .backward(), which this is"),
        ("no answer within 10 s", "no answer within 10 s"),
    ],
)
def test_obstacle_of_several_is_told_without_its_line(message: str, text: str) -> None:
    blocked = failing("q5", message, status=Status.ERROR, lead="public 1: ")
    (found,) = costs([result("amy", blocked), result("ben", blocked)])
    assert (found.text, found.submissions) == (text, 2)


def test_obstacle_of_one_student_is_told_beside_the_name_only() -> None:
    assert costs([result("amy", failing("q5", "no answer within 10 s", status=Status.TIMEOUT))]) == ()


def test_points_that_are_not_decided_are_not_lost() -> None:
    pending = part(
        "q2", Status.PENDING, auto=None, manual=None, manual_max=4, message="to be marked by a person"
    )
    assert costs([result("amy", pending, part("q1", Status.PASSED, auto=10))]) == ()
