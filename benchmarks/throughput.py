"""Submissions a second, walled, against one process with no isolation that runs and judges the same cases.

    python -m benchmarks.throughput [--submissions 100] [--rounds 5]

The class is made of right answers in the many forms of tests/answers, so that every submission runs every case.
The three ways take turns, a share of the class each: a machine that slows down slows them all. Ratios are medians.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import torch

from benchmarks.floor import grade_unwalled
from grader.executors import LocalPool
from grader.marking import mark
from grader.models.rubric import Exam
from grader.models.submission import SourceFile, Submission
from grader.plan import QuestionPlan
from grader.probing.observe import observe_submission
from grader.probing.reference import prepare
from grader.rubric.rubric_file import load_exam

ROOT = Path(__file__).parents[1]
EXAM = "snu_2021_midterm"
WARM_UP = 4
Way = Callable[[list[Submission]], float]


def main() -> None:
    """Measure, and print one table."""
    options = _options()
    torch.set_num_threads(1)
    exam = load_exam(ROOT / "rubrics" / EXAM, reference_root=ROOT / "reference")
    submissions = make_class(exam, options.submissions + WARM_UP)
    with LocalPool(1) as one, LocalPool(2) as two:
        plans = {q.question: one.submit(prepare, exam, q).result() for q in exam.questions}
        ways: dict[str, Way] = {
            "floor: one process, no isolation": lambda share: _timed(lambda: _floor(exam, plans, share)),
            "walled, one job at a time": lambda share: _timed(lambda: _walled(one, exam, plans, share)),
            "walled, two jobs at a time": lambda share: _timed(lambda: _walled(two, exam, plans, share)),
        }
        for way in ways.values():
            way(submissions[:WARM_UP])
        shares = [submissions[WARM_UP:][i :: options.rounds] for i in range(options.rounds)]
        seconds = {name: [] for name in ways}
        for share, name in itertools.product(shares, ways):
            seconds[name].append(ways[name](share) / len(share))
    show(seconds)


def show(seconds: dict[str, list[float]]) -> None:
    """Print submissions a second and the ratio to the floor, round by round, as medians with their spread."""
    floor = next(iter(seconds.values()))
    print(f"{'':36}{'submissions/s':>14}{'s each':>9}{'ratio':>8}   (least to most)")
    for name, found in seconds.items():
        ratios = [a / b for a, b in zip(found, floor, strict=True)]
        each = statistics.median(found)
        spread = f"({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"{name:36}{1 / each:14.1f}{each:9.3f}{statistics.median(ratios):8.2f}   {spread}")


def make_class(exam: Exam, count: int) -> list[Submission]:
    """Return right submissions, each question in one of the forms that the tests know."""
    folder = ROOT / "tests" / "answers" / exam.id / "right"
    forms = {
        question: sorted((folder / question).glob("*.py"))
        for question in (q.question for q in exam.questions)
    }
    return [
        Submission(
            exam=exam.id,
            name=f"student_{number:05}",
            files=tuple(_file(f"{q}.py", paths[number % len(paths)]) for q, paths in forms.items() if paths),
        )
        for number in range(count)
    ]


def _file(name: str, path: Path) -> SourceFile:
    content = path.read_bytes()
    return SourceFile(name=name, content=content, sha256=hashlib.sha256(content).hexdigest())


def _floor(exam: Exam, plans: dict[str, QuestionPlan], submissions: list[Submission]) -> None:
    for submission in submissions:
        for question in exam.questions:
            grade_unwalled(plans[question.question], question, submission)


def _walled(
    pool: LocalPool, exam: Exam, plans: dict[str, QuestionPlan], submissions: list[Submission]
) -> None:
    running = [(s, pool.submit(observe_submission, list(plans.values()), s)) for s in submissions]
    for submission, future in running:
        observed = future.result()
        for question in exam.questions:
            mark(plans[question.question], question, submission, observed[question.question])


def _timed(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
