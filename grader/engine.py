"""Grades a class: what is stored already is kept, what is new or changed is run, compared, scored and
stored as it comes.

The one place where an unexpected exception becomes `internal_error`: it costs the student nothing and is run again.
"""

from __future__ import annotations

import hashlib
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
from grader.probing.patience import is_hung
from grader.probing.reference import prepare
from grader.sandbox import SandboxMode
from grader.store import Store

_IN_FLIGHT_PER_WORKER = 3

HungBefore = dict[tuple[str, str], dict[str, int]]
"""By submission and question: how many earlier questions ran into a limit of time in an earlier run."""


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
    """One submission × one question, by its content key.

    `hurried_key` covers the submission's earlier questions too: of a result that they had left too little time.
    """

    key: str
    hurried_key: str
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
    sandbox: SandboxMode = "namespaces",
) -> RunSummary:
    """Grade every submission on every question of its exam and return the summary; finished jobs are in `store`.

    Raises UserError if a reference fails or the sandbox cannot be raised; KeyboardInterrupt passes through, with all
    finished jobs stored.
    """
    started = time.monotonic()
    every = plan_jobs(exams, submissions, sandbox)
    stored = store.stored_keys()
    todo = [job for job in every if job.key not in stored and job.hurried_key not in stored]
    progress.start(len(every), len(every) - len(todo))
    try:
        _save_prose([job for job in todo if not job.runs_code], store, progress)
        scripted = [job for job in todo if job.runs_code]
        if scripted:
            hung_before = _hung_before(every, scripted, store)
            with LocalPool(min(jobs, len(scripted)), mode=sandbox) as pool:
                _run(scripted, hung_before, pool, store, progress)
    finally:
        progress.stop()
    finished = _results(every, store)
    results = _collect(finished, exams, submissions)
    failures = sum(any(part.status is Status.INTERNAL_ERROR for part in r.parts) for r in finished)
    return RunSummary(
        exams=tuple(exam.id for exam in exams),
        submissions=len(submissions),
        jobs_total=len(every),
        jobs_run=len(todo),
        jobs_stored=len(every) - len(todo),
        internal_errors=failures,
        wall_s=round(time.monotonic() - started, 3),
        sandbox=sandbox,
        results=results,
    )


def plan_jobs(
    exams: tuple[Exam, ...], submissions: tuple[Submission, ...], sandbox: SandboxMode = "namespaces"
) -> list[Job]:
    """Return every job of the class, submission after submission, in the order of the paper."""
    digests = {
        (exam.id, question.question): question_digest(exam, question, sandbox=sandbox)
        for exam in exams
        for question in exam.questions
    }
    by_id = {exam.id: exam for exam in exams}
    planned = []
    for submission in submissions:
        exam = by_id[submission.exam]
        so_far = hashlib.sha256(b"hurried")
        for question in exam.questions:
            key = job_key(digests[exam.id, question.question], question, submission)
            so_far.update(key.encode())
            planned.append(Job(key, so_far.hexdigest(), exam, question, submission))
    return planned


def _hung_before(every: list[Job], todo: list[Job], store: Store) -> HungBefore:
    """Count the earlier questions of a submission that an earlier run has seen hanging, for each job to run."""
    waiting = {(job.submission.exam, job.submission.name) for job in todo}
    affected = [job for job in every if (job.submission.exam, job.submission.name) in waiting]
    running = {job.key for job in todo}
    stored = [job for job in affected if job.key not in running]
    hung = {(r.exam, r.submission, r.question) for r in _results(stored, store) if is_hung(r)}
    found: HungBefore = {}
    for name, group in groupby(affected, key=_submission_of):
        of_submission = found.setdefault(name, {})
        count = 0
        for job in group:
            of_submission[job.question.question] = count
            count += (*name, job.question.question) in hung
    return found


def _save_prose(jobs: list[Job], store: Store, progress: Progress) -> None:
    for _, group in groupby(jobs, key=_submission_of):
        marked = [
            (job, job.key, mark(skeleton(job.exam, job.question), job.question, job.submission, Observed({})))
            for job in group
        ]
        _save(store, progress, marked)


def _run(jobs: list[Job], hung_before: HungBefore, pool: LocalPool, store: Store, progress: Progress) -> None:
    plans = _prepare(jobs, pool)
    waiting = _by_submission(jobs)
    running: dict[Future[dict[str, Observed]], list[Job]] = {}
    while True:
        for group in islice(waiting, pool.workers * _IN_FLIGHT_PER_WORKER - len(running)):
            asked = [plans[_question_of(job)] for job in group]
            hung = hung_before[_submission_of(group[0])]
            running[pool.submit(observe_submission, asked, group[0].submission, hung_before=hung)] = group
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            group = running.pop(future)
            _save(store, progress, [(job, *_judged(job, plans[_question_of(job)], future)) for job in group])


def _by_submission(jobs: list[Job]) -> Iterator[list[Job]]:
    """Yield the jobs of one submission after another; they share a child."""
    for _, group in groupby(jobs, key=_submission_of):
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


def _judged(job: Job, plan: QuestionPlan, future: Future[dict[str, Observed]]) -> tuple[str, JobResult]:
    """Return the key to store a job's result by, and the result."""
    try:
        observed = future.result()[plan.question]
        key = job.hurried_key if observed.is_cut_short else job.key
        return key, mark(plan, job.question, job.submission, observed)
    except UserError:
        raise
    except GraderError as error:
        reason = f"not graded, by no fault of the student: {error}"
    except Exception as error:
        reason = f"not graded, by a fault of the grader ({type(error).__name__}: {error})"
    return job.key, internal_error(job.question, job.submission, reason)


def _save(store: Store, progress: Progress, marked: list[tuple[Job, str, JobResult]]) -> None:
    """Store the jobs of one submission, all or none: a resumed run finds whole children or none."""
    store.save_together([(key, result) for _, key, result in marked])
    for job, _, result in marked:
        statuses = tuple(part.status for part in result.parts)
        progress.job_done(job.submission.name, job.question.question, statuses)


def _results(jobs: list[Job], store: Store) -> list[JobResult]:
    keys = [key for job in jobs for key in (job.key, job.hurried_key)]
    return list(store.results_for(keys)) if keys else []


def _collect(
    finished: list[JobResult], exams: tuple[Exam, ...], submissions: tuple[Submission, ...]
) -> tuple[SubmissionResult, ...]:
    order = {exam.id: list(exam.part_ids) for exam in exams}
    found: dict[tuple[str, str], list[JobResult]] = {}
    for result in finished:
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
            notes=submission.problems,
        )


def _question_of(job: Job) -> tuple[str, str]:
    return job.exam.id, job.question.question


def _submission_of(job: Job) -> tuple[str, str]:
    return job.submission.exam, job.submission.name
