"""The rubric of the SNU midterm as a whole: points, cases, guides."""

from __future__ import annotations

import pytest

from tests.exams.snu_2021_midterm import RUBRICS, rubric

POINTS = {
    "q1": (10, 0),
    "q2": (5, 10),
    "q3": (6, 9),
    "q4a": (8, 0),
    "q4b": (7, 0),
    "q5a": (4, 0),
    "q5b": (11, 0),
    "q6": (8, 7),
    "q7i": (4, 0),
    "q7ii": (7, 0),
    "q7iii": (0, 4),
}


def test_points_are_those_of_the_paper() -> None:
    found: dict[str, tuple[float, float]] = {}
    for index in range(1, 8):
        for part, checks in rubric(f"q{index}")["parts"].items():
            manual = sum(check["points"] for check in checks if "prose" in check)
            found[part] = (sum(check["points"] for check in checks) - manual, manual)
    assert found == POINTS
    assert sum(sum(pair) for pair in found.values()) == 100


@pytest.mark.parametrize("question", ["q2", "q4", "q5", "q6", "q7"])
def test_checks_with_inputs_have_a_public_and_three_hidden_cases(question: str) -> None:
    whole = rubric(question)
    for checks in whole["parts"].values():
        for check in checks:
            if check.get("measure") in ("parameter_count", "modes") or not {"call", "module"} & set(check):
                continue
            cases = whole["cases"][check["cases"]] if isinstance(check["cases"], str) else check["cases"]
            assert len(cases["public"]) >= 1
            assert len(cases["hidden"]) >= 3


@pytest.mark.parametrize("part", ["q2", "q3", "q6", "q7iii"])
def test_prose_has_a_guide_with_a_sample_answer(part: str) -> None:
    assert "## An answer worth" in (RUBRICS / "guides" / f"{part}.md").read_text("utf-8")
