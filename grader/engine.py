"""Grades a class: what is stored already is kept, what is new or changed is run, compared, scored and
stored as it comes.

The one place where an unexpected exception becomes `internal_error`: it costs the student nothing and is run again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Protocol

from grader.errors import GraderError, UserError
from grader.executors import LocalPool
from grader.marking import internal_error, mark
from grader.models.result import JobResult, Status
from grader.models.rubric import Exam, ProseCheck, Question
from grader.models.run import RunSummary, SubmissionResult
from grader.models.submission import Submission
from grader.plan import QuestionPlan, job_key, question_digest, skeleton
from grader.probing.observe import Observed, observe_submission
from grader.probing.reference import prepare
from grader.store import Store

_IN_FLIGHT_PER_WORKER = 3


class Progress(Protocol):
    """Who wants to know how a run is getting on."""

    def start(self, total_jobs: int, already_done: int) -> None:
        """The run begins."""

    def job_done(self, submission: str, question: str, statuses: tuple[Status, ...]) -> None:
        """A job has its result stored."""

    def note(self, text: str) -> None:
        """Something worth a line."""

    def stop(self) -> None:
        """The run is over, or broken off."""


@dataclass(frozen=True)
class Job:
    """One submission × one question, by its content key."""

    key: str
    exam: Exam
    question: Question
    submission: Submission

    @property
    def runs_code(self) -> bool:
        """Whether any check of the question runs student code."""
        return any(
            not isinstance(check, ProseCheck) for checks in self.question.parts.values() for check in checks
        )


def grade(
    exams: tuple[Exam, ...],
    submissions: tuple[Submission, ...],
    *,
    store: Store,
    jobs: int,
    progress: Progress,
) -> RunSummary:
    """Grade every submission on every question of its exam and return the summary; finished jobs are in `store`.

    Raises UserError if a reference fails or the sandbox cannot be raised; KeyboardInterrupt passes through, with all
    finished jobs stored.
    """
    started = time.monotonic()
    every = plan_jobs(exams, submissions)
    stored = store.stored_keys()
    todo = [job for job in every if job.key not in stored]
    progress.start(len(every), len(every) - len(todo))
    try:
        for job in todo:
            if not job.runs_code:
                _save(
                    store,
                    progress,
                    job,
                    mark(skeleton(job.exam, job.question), job.question, job.submission, Observed({})),
                )
        scripted = [job for job in todo if job.runs_code]
        if scripted:
            with LocalPool(min(jobs, len(scripted))) as pool:
                _run(scripted, pool, store, progress)
    finally:
        progress.stop()
    results = _collect(every, exams, submissions, store)
    failures = sum(
        any(part.status is Status.INTERNAL_ERROR for part in result.parts)
        for result in store.results_for([job.key for job in every])
    )
    return RunSummary(
        exams=tuple(exam.id for exam in exams),
        submissions=len(submissions),
        jobs_total=len(every),
        jobs_run=len(todo),
        jobs_stored=len(every) - len(todo),
        internal_errors=failures,
        wall_s=round(time.monotonic() - started, 3),
        results=results,
    )


def plan_jobs(exams: tuple[Exam, ...], submissions: tuple[Submission, ...]) -> list[Job]:
    """Return every job of the class, submission after submission, in the order of the paper."""
    digests = {
        (exam.id, question.question): question_digest(exam, question)
        for exam in exams
        for question in exam.questions
    }
    by_id = {exam.id: exam for exam in exams}
    return [
        Job(
            key=job_key(digests[submission.exam, question.question], question, submission),
            exam=by_id[submission.exam],
            question=question,
            submission=submission,
        )
        for submission in submissions
        for question in by_id[submission.exam].questions
    ]


def _run(jobs: list[Job], pool: LocalPool, store: Store, progress: Progress) -> None:
    plans = _prepare(jobs, pool)
    waiting = _by_submission(jobs)
    running: dict[Future[dict[str, Observed]], list[Job]] = {}
    while True:
        for group in islice(waiting, pool.workers * _IN_FLIGHT_PER_WORKER - len(running)):
            asked = [plans[_question_of(job)] for job in group]
            running[pool.submit(observe_submission, asked, group[0].submission)] = group
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            for job in running.pop(future):
                _save(store, progress, job, _judged(job, plans[_question_of(job)], future))


def _by_submission(jobs: list[Job]) -> Iterator[list[Job]]:
    """Yield the jobs of one submission after another; they share a child."""
    for _, group in groupby(jobs, key=lambda job: (job.submission.exam, job.submission.name)):
        yield list(group)


def _prepare(jobs: list[Job], pool: LocalPool) -> dict[tuple[str, str], QuestionPlan]:
    """Ask every reference once for all that its question needs."""
    questions = {_question_of(job): job for job in jobs}
    preparing = {key: pool.submit(prepare, job.exam, job.question) for key, job in questions.items()}
    problems, plans = [], {}
    for key, future in preparing.items():
        try:
            plans[key] = future.result()
        except UserError as error:
            problems.append(str(error))
    if problems:
        raise UserError("\n".join(problems))
    return plans


def _judged(job: Job, plan: QuestionPlan, future: Future[dict[str, Observed]]) -> JobResult:
    try:
        return mark(plan, job.question, job.submission, future.result()[plan.question])
    except UserError:
        raise
    except GraderError as error:
        return internal_error(
            job.question, job.submission, f"not graded, by no fault of the student: {error}"
        )
    except Exception as error:
        reason = f"not graded, by a fault of the grader ({type(error).__name__}: {error})"
        return internal_error(job.question, job.submission, reason)


def _save(store: Store, progress: Progress, job: Job, result: JobResult) -> None:
    store.save(job.key, result, None)
    progress.job_done(job.submission.name, job.question.question, tuple(part.status for part in result.parts))


def _collect(
    every: list[Job], exams: tuple[Exam, ...], submissions: tuple[Submission, ...], store: Store
) -> tuple[SubmissionResult, ...]:
    order = {exam.id: list(exam.part_ids) for exam in exams}
    found: dict[tuple[str, str], list[JobResult]] = {}
    for result in store.results_for([job.key for job in every]):
        found.setdefault((result.exam, result.submission), []).append(result)
    return tuple(_submission_results(found, submissions, order))


def _submission_results(
    found: dict[tuple[str, str], list[JobResult]],
    submissions: tuple[Submission, ...],
    order: dict[str, list[str]],
) -> Iterator[SubmissionResult]:
    for submission in sorted(submissions, key=lambda s: (s.exam, s.name)):
        results = found.get((submission.exam, submission.name), [])
        parts = [part for result in results for part in result.parts]
        rank = order[submission.exam]
        yield SubmissionResult(
            exam=submission.exam,
            submission=submission.name,
            parts=tuple(sorted(parts, key=lambda part: rank.index(part.part))),
            notes=(*submission.problems, *(note for result in results for note in result.notes)),
        )


def _question_of(job: Job) -> tuple[str, str]:
    return job.exam.id, job.question.question
