"""Every answer in tests/answers, through the real sandbox: right ones in any form, known mistakes, wrong ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml

from grader.marking import mark
from grader.models.submission import SourceFile, Submission
from grader.probing.observe import observe_submission
from tests.conftest import shipped_exam

ANSWERS = Path(__file__).parents[1] / "answers"


def _answers():
    for table in sorted(ANSWERS.glob("*/expected.yaml")):
        for name, points in yaml.safe_load(table.read_text()).items():
            yield pytest.param(table.parent.name, name, points, id=f"{table.parent.name}/{name}")


def _submission(exam: str, question: str, name: str) -> Submission:
    content = (ANSWERS / exam / name).read_bytes()
    file = SourceFile(name=f"{question}.py", content=content, sha256=hashlib.sha256(content).hexdigest())
    return Submission(exam=exam, name="student", files=(file,))


def graded(server, plans, exam: str, question: str, name: str):
    """Return the job's result for one answer file."""
    submission = _submission(exam, question, name)
    plan = plans(exam, question)
    rubric = next(q for q in shipped_exam(exam).questions if q.question == question)
    return mark(plan, rubric, submission, observe_submission(server, [plan], submission)[question])


@pytest.mark.parametrize(("exam", "name", "points"), list(_answers()))
def test_answer_earns_its_points(server, plans, exam, name, points):
    question = name.split("/")[1]
    result = graded(server, plans, exam, question, name)
    earned = {part.part: part.auto_points for part in result.parts if part.auto_max}
    messages = [
        f"{c.check}: {c.points}/{c.max_points} {c.message}"
        for p in result.parts
        for c in p.checks
        if not c.is_manual
    ]
    assert earned == points, "\n".join([*messages, *result.notes])


def test_every_answer_file_has_its_points():
    for table in ANSWERS.glob("*/expected.yaml"):
        listed = set(yaml.safe_load(table.read_text()))
        present = {str(path.relative_to(table.parent)) for path in table.parent.rglob("*.py")}
        assert listed == present
