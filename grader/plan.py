"""What has to be run and what is expected: one plan a question, made once a class, and the content keys of its jobs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import numpy as np

from grader.models.outcome import CatchExpectation, ExpectedCase
from grader.models.rubric import CallCheck, Cases, Check, Exam, Limits, ModuleCheck, Question, ValueCheck
from grader.models.submission import Submission
from grader.models.value import Array, Value
from grader.models.weights import WeightSpec

PUBLIC: Literal["public"] = "public"
HIDDEN: Literal["hidden"] = "hidden"


@dataclass(frozen=True)
class CasePlan:
    """One case with its inputs. `cotangent` is what a module's output is paired with before the backward pass."""

    name: str
    is_public: bool
    arguments: tuple[Value, ...]
    seed: int
    cotangent: Array | None = None


@dataclass(frozen=True)
class ModuleHypothesis:
    """A function of input and weights that a student's module may compute: the reference, or a catch (`name`)."""

    name: str
    specs: tuple[WeightSpec, ...]
    weights: Mapping[str, np.ndarray] = field(compare=False)
    outputs: tuple[Value, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class CheckPlan:
    """One check with its cases, what is right, and what wrong answers are known. `id` is `q5b.2`, counted from 1."""

    id: str
    part: str
    check: Check
    cases: tuple[CasePlan, ...] = ()
    expected: tuple[ExpectedCase, ...] = ()
    catches: tuple[CatchExpectation, ...] = ()
    hypotheses: tuple[ModuleHypothesis, ...] = ()


@dataclass(frozen=True)
class QuestionPlan:
    """One question, ready to be asked of any submission."""

    exam: str
    question: str
    file: str
    arrays: str
    given: bytes | None
    limits: Limits
    checks: tuple[CheckPlan, ...]

    @property
    def scripted(self) -> tuple[CheckPlan, ...]:
        """The checks that run code."""
        return tuple(
            plan for plan in self.checks if isinstance(plan.check, ValueCheck | CallCheck | ModuleCheck)
        )


def skeleton(exam: Exam, question: Question) -> QuestionPlan:
    """Return the plan of a question before any input is drawn: all that prose needs."""
    return QuestionPlan(
        exam=exam.id,
        question=question.question,
        file=question.file,
        arrays=exam.header.arrays,
        given=exam.given,
        limits=question.limits,
        checks=tuple(CheckPlan(id=i, part=part, check=check) for i, part, check in number_checks(question)),
    )


def number_checks(question: Question) -> tuple[tuple[str, str, Check], ...]:
    """Return (check id, part id, check) for every check of a question, in the order of the rubric."""
    return tuple(
        (f"{part}.{number}", part, check)
        for part, checks in question.parts.items()
        for number, check in enumerate(checks, start=1)
    )


def cases_of(question: Question, check: Check) -> tuple[str, Cases] | None:
    """Return the cases of a check and the name that seeds them: checks that share named cases share inputs too."""
    if isinstance(check, CallCheck) or (isinstance(check, ModuleCheck) and check.cases is not None):
        assert check.cases is not None
        if isinstance(check.cases, str):
            return check.cases, question.cases[check.cases]
        return hashlib.sha256(check.cases.model_dump_json().encode()).hexdigest()[:16], check.cases
    return None


def question_digest(exam: Exam, question: Question, *, sandbox: str = "namespaces") -> str:
    """Digest of everything but the submission that a job's result depends on, the sandbox's mode included."""
    parts = (
        exam.header.arrays.encode(),
        question.model_dump_json().encode(),
        exam.references.get(question.question, b""),
        exam.given or b"",
        source_digest().encode(),
        sandbox.encode(),
        json.dumps({name: _version(name) for name in ("torch", "numpy")}).encode(),
    )
    return _digest(*parts)


def job_key(digest: str, question: Question, submission: Submission) -> str:
    """Content key of one job: the same key means the same result."""
    sources = [part for file in submission.files for part in (file.name.encode(), file.sha256.encode())]
    prose = [submission.prose.get(part, "").encode() for part in question.parts]
    identity = (submission.exam.encode(), submission.name.encode(), digest.encode())
    return _digest(
        *identity,
        b"files",
        *sources,
        b"prose",
        *prose,
        b"problems",
        *(p.encode() for p in submission.problems),
    )


@cache
def source_digest() -> str:
    """Digest of the grader's own source: a changed grader marks anew."""
    root = Path(__file__).parent
    names = sorted(path.relative_to(root) for path in root.rglob("*.py"))
    marking = [name for name in names if name.parts[0] not in ("cli", "report")]
    return _digest(*(part for name in marking for part in (str(name).encode(), (root / name).read_bytes())))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
