"""Shared by tests that run code: one fork server a test process, and the shipped exams with their expected values."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # some tests fork: a process of one thread can

import pytest
import torch
from hypothesis import settings

from grader.models.result import Status
from grader.models.rubric import Exam
from grader.plan import QuestionPlan
from grader.probing.reference import prepare
from grader.rubric.rubric_file import load_exam
from grader.sandbox import ForkServer

torch.set_num_threads(1)

# A loaded machine is slow at times, and what CI finds has to be what the next run of CI finds.
settings.register_profile("everywhere", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("everywhere")

ROOT = Path(__file__).parents[1]


class Silent:
    """A run's progress that nobody watches."""

    def start(self, total_jobs: int, already_done: int) -> None:
        pass

    def job_done(self, submission: str, question: str, statuses: tuple[Status, ...]) -> None:
        pass

    def note(self, text: str) -> None:
        pass

    def stop(self) -> None:
        pass


@cache
def shipped_exam(exam: str) -> Exam:
    """One of the exams in rubrics/, read once."""
    return load_exam(ROOT / "rubrics" / exam, reference_root=ROOT / "reference")


@pytest.fixture(scope="session")
def server():
    """A fork server that lives as long as the test process."""
    with ForkServer.start() as server:
        yield server


@pytest.fixture(scope="session")
def plans(server):
    """Return a function (exam, question) → the question's plan, every reference asked once."""

    @cache
    def plan(exam: str, question: str) -> QuestionPlan:
        found = next(q for q in shipped_exam(exam).questions if q.question == question)
        return prepare(server, shipped_exam(exam), found)

    return plan
