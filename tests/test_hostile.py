"""A class of hostile and of unusual submissions, graded in one run: verdicts only, and nobody pays for a neighbour."""

from __future__ import annotations

import hashlib
from functools import cache

import pytest

from grader import engine
from grader.models.result import Status
from grader.models.rubric import Exam, Limits
from grader.models.submission import SourceFile, Submission
from grader.store import Store
from tests.conftest import Silent, shipped_exam
from tests.hostile_class import EXAM, FULL, HELPERS, HOSTILE, LEAKS, RIGHT, UNUSUAL

pytestmark = pytest.mark.xdist_group("hostile")  # one class, graded once


def _submission(name: str, files: dict[str, str | bytes]) -> Submission:
    contents = {
        file: text.encode("utf-8") if isinstance(text, str) else text for file, text in sorted(files.items())
    }
    sources = tuple(
        SourceFile(name=file, content=content, sha256=hashlib.sha256(content).hexdigest())
        for file, content in contents.items()
    )
    return Submission(exam=EXAM, name=name, files=sources)


def _class() -> tuple[Submission, ...]:
    return (
        _submission("right", RIGHT),
        _submission("right again", RIGHT),
        _submission("=cmd()\n\u202e" + "x" * 300, RIGHT),
        *(_submission(f"hostile {name}", {case[0]: case[1]}) for name, case in HOSTILE.items()),
        *(_submission(f"unusual {name}", {case[0]: case[1]}) for name, case in UNUSUAL.items()),
        *(
            _submission(f"leak {name}", RIGHT | {"q1.py": f"{RIGHT['q1.py']}\n{code}\n"})
            for name, code in LEAKS.items()
        ),
        *(_submission(f"helpers {name}", RIGHT | files) for name, files in HELPERS.items()),
    )


@cache
def _impatient_exam() -> Exam:
    exam = shipped_exam(EXAM)
    limits = Limits(call_s=2, job_s=6)
    return exam.model_copy(
        update={"questions": tuple(q.model_copy(update={"limits": limits}) for q in exam.questions)}
    )


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Parts by submission's name, of one run over the whole class."""
    with Store.open(tmp_path_factory.mktemp("hostile")) as store:
        summary = engine.grade((_impatient_exam(),), _class(), store=store, jobs=2, progress=Silent())
    assert summary.internal_errors == 0
    return {result.submission: {part.part: part for part in result.parts} for result in summary.results}


def _points(parts, wanted):
    return {name: parts[name].auto_points for name in wanted}


def _said(parts):
    return "\n".join(
        f"{check.check}: {check.points} {check.status} {check.message}"
        for part in parts.values()
        for check in part.checks
        if not check.is_manual
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_earns_a_verdict(graded, name):
    parts = graded[f"hostile {name}"]
    _, _, points, status = HOSTILE[name]
    assert _points(parts, points) == points, _said(parts)
    for part in points:
        assert status in {str(check.status) for check in parts[part].checks}, _said(parts)


@pytest.mark.parametrize("name", UNUSUAL)
def test_a_right_answer_in_an_unusual_form_earns_all(graded, name):
    parts = graded[f"unusual {name}"]
    _, _, points = UNUSUAL[name]
    assert _points(parts, points) == points, _said(parts)


@pytest.mark.parametrize("name", ["right", "right again", "=cmd()\n\u202e" + "x" * 300])
def test_a_right_submission_beside_them_keeps_its_marks(graded, name):
    assert _points(graded[name], FULL) == FULL, _said(graded[name])


@pytest.mark.parametrize("name", LEAKS)
def test_what_one_file_does_to_the_process_costs_the_others_nothing(graded, name):
    parts = graded[f"leak {name}"]
    others = {part: points for part, points in FULL.items() if part != "q1"}
    assert _points(parts, others) == others, _said(parts)


@pytest.mark.parametrize("name", HELPERS)
def test_helper_files_come_in_the_way_of_nothing(graded, name):
    parts = graded[f"helpers {name}"]
    assert _points(parts, FULL) == FULL, _said(parts)


def test_no_verdict_is_a_fault_of_ours(graded):
    statuses = {part.status for parts in graded.values() for part in parts.values()}
    assert Status.INTERNAL_ERROR not in statuses
