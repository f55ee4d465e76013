"""An exam of a few short questions of the shipped one, as a folder, and a class that answers it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from grader.models.submission import SourceFile, Submission
from tests.conftest import ROOT

SHIPPED = "snu_2021_midterm"
EXAM = "small"
POINTS = {"q1": 10, "q4": 15}
ANSWERS = ROOT / "tests" / "answers" / SHIPPED
RIGHT = {
    "q1": (ANSWERS / "right" / "q1" / "nested_lists.py").read_bytes(),
    "q3": (ANSWERS / "right" / "q3" / "booleans.py").read_bytes(),
    "q4": (ANSWERS / "right" / "q4" / "tensors.py").read_bytes(),
}
HANGS = b"while True:\n    pass\n"


def write_exam(folder: Path, *questions: str) -> Path:
    """Write `rubrics/small` and `reference/small` with these questions; return the folder of the exam."""
    rubrics, references = folder / "rubrics" / EXAM, folder / "reference" / EXAM
    rubrics.mkdir(parents=True)
    references.mkdir(parents=True)
    for question in questions:
        copy = (ROOT / "rubrics" / SHIPPED / f"{question}.yaml").read_bytes()
        (rubrics / f"{question}.yaml").write_bytes(copy)
        reference = ROOT / "reference" / SHIPPED / f"{question}.py"
        if reference.exists():
            (references / f"{question}.py").write_bytes(reference.read_bytes())
    points = sum(POINTS[question] for question in questions)
    listed = ", ".join(questions)
    header = f"exam: {EXAM}\ntitle: Small\npoints: {points}\narrays: torch\nquestions: [{listed}]\n"
    (rubrics / "exam.yaml").write_text(header)
    return rubrics


def write_class(folder: Path, count: int, answers: Mapping[str, bytes] = RIGHT) -> Path:
    """Write `class/small/student_N`, all with the same answers; return the folder of the class."""
    for number in range(count):
        student = folder / "class" / EXAM / f"student_{number:02}"
        student.mkdir(parents=True)
        for question, content in answers.items():
            (student / f"{question}.py").write_bytes(content)
    return folder / "class"


def submission(name: str, answers: Mapping[str, bytes], *, exam: str = SHIPPED) -> Submission:
    """Return a submission with these answers by question."""
    files = tuple(
        SourceFile(name=f"{question}.py", content=content, sha256=hashlib.sha256(content).hexdigest())
        for question, content in answers.items()
    )
    return Submission(exam=exam, name=name, files=files)
