"""Every known attack, graded by the real engine beside right submissions: its verdict, theirs, and no traces.

The attacks are data, in tests/attacks: a folder each with the hostile files and an expect.yaml.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader import engine
from grader.models.result import CheckResult, JobResult, Status
from grader.models.rubric import Exam, Limits
from grader.models.run import RunSummary, SubmissionResult
from grader.models.submission import Submission
from grader.report.scores import write_scores, write_summary
from grader.store import Store
from grader.submissions.submission import ExamFolder, ExamLayout, read_submissions
from tests.attacks.catalog import HERE, HURRIED, PATIENT, Attack, after_reading, attacks, filled, lay_out
from tests.attacks.traces import adopting_orphans, traces
from tests.conftest import ROOT, Silent, shipped_exam

ATTACKS = tuple(attack for attack in attacks() if attack.can_run)
QUESTIONS = ("q1", "q4", "q6")
SECRET = "the answer to everything"
CONTROL = """
import sys
sys.path.insert(0, {here!r})
import prize
prize.ONLY = frozenset({only!r})
exec({source!r})
assert w == prize.prize()
"""
RIGHT_ANSWERS = ROOT / "submissions_example" / PATIENT / "ada_kim"

by_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
pytestmark = pytest.mark.xdist_group("attacks")


@dataclass(frozen=True)
class Run:
    """One run over all attacks, with what was there before and after it."""

    summary: RunSummary
    names: dict[str, str]
    jobs: dict[tuple[str, str, str], JobResult]
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    out: Path

    def submission(self, exam: str, name: str) -> SubmissionResult:
        """What one submission came to."""
        (found,) = [r for r in self.summary.results if (r.exam, r.submission) == (exam, name)]
        return found

    def job(self, attack: Attack) -> JobResult:
        """The job that the attack is made in."""
        return self.jobs[attack.exam, self.names[attack.id], attack.question]

    def checks(self, attack: Attack) -> list[CheckResult]:
        """The automatic checks of the attacked question."""
        return [check for part in self.job(attack).parts for check in part.checks if not check.is_manual]


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """The class folder, and a secret beside it."""
    ground = tmp_path_factory.mktemp("ground")
    for name in ("class", "cwd", "tmp"):
        (ground / name).mkdir()
    (ground / "secret.txt").write_text(SECRET)
    os.chmod(ground, 0o755)
    return ground


@pytest.fixture(scope="module")
def facts(ground):
    """What the attacks are told, so that a missing file cannot be a wrong guess of theirs."""
    return {
        "SECRET": str(ground / "secret.txt"),
        "REFERENCE": str(ROOT / "reference" / PATIENT / "q1.py"),
        "RUBRIC": str(ROOT / "rubrics" / PATIENT / "q1.yaml"),
        "NEIGHBOUR": str(ground / "class" / PATIENT / "ada_kim" / "q1.py"),
        "PID": str(os.getpid()),
    }


@pytest.fixture(scope="module")
def run(ground, facts):
    """All attacks in one run, two side by side, each followed by a right submission."""
    folder = ground / "class"
    exams = _exams()
    submissions = _handed_in(folder, facts, exams)
    with pytest.MonkeyPatch.context() as patch, adopting_orphans():
        patch.chdir(ground / "cwd")
        patch.setattr(tempfile, "tempdir", str(ground / "tmp"))
        patch.setenv("GRADER_ATTACK_SECRET", SECRET)
        before = traces(ground / "cwd", ground / "tmp")
        with Store.open(ground / "out") as store:
            summary = engine.grade(exams, submissions, store=store, jobs=2, progress=Silent())
            jobs = {(j.exam, j.submission, j.question): j for exam in exams for j in store.results(exam.id)}
        after = traces(ground / "cwd", ground / "tmp")
    return Run(summary, _names(submissions), jobs, before, after, ground / "out")


def _exams() -> tuple[Exam, ...]:
    exam = shipped_exam(PATIENT)
    limits = Limits(call_s=12, job_s=40, memory_mb=1024)
    asked = [q.model_copy(update={"limits": limits}) for q in exam.questions if q.question in QUESTIONS]
    hurried = [asked[0].model_copy(update={"limits": Limits(call_s=1.5, job_s=6, memory_mb=1024)})]
    return (
        exam.model_copy(update={"questions": tuple(asked)}),
        exam.model_copy(
            update={
                "questions": tuple(hurried),
                "header": exam.header.model_copy(update={"exam": HURRIED, "questions": ("q1",)}),
            }
        ),
    )


def _handed_in(folder: Path, facts: dict[str, str], exams: tuple[Exam, ...]) -> tuple[Submission, ...]:
    """Lay the class out, read it as the grader does, and let those attacks strike that wait for the reading."""
    for exam in exams:
        _copy_right_answers(folder / exam.id / "ada_kim", QUESTIONS)
    for attack in ATTACKS:
        lay_out(attack, folder, facts)
        _copy_right_answers(folder / attack.exam / attack.beside, ("q1",))
    submissions = read_submissions(
        [ExamFolder(exam=exam.id, path=folder / exam.id) for exam in exams],
        [ExamLayout.of(exam) for exam in exams],
    )
    for attack in ATTACKS:
        after_reading(attack, folder)
    return submissions


def _copy_right_answers(place: Path, questions: tuple[str, ...]) -> None:
    place.mkdir(parents=True)
    for question in questions:
        (place / f"{question}.py").write_bytes((RIGHT_ANSWERS / f"{question}.py").read_bytes())


def _names(submissions: tuple[Submission, ...]) -> dict[str, str]:
    """Attack id → the name that its submission was given; those with odd names carry their id inside."""
    names = {submission.name: submission.name for submission in submissions}
    for submission in submissions:
        source = submission.file("q1.py")
        last = source.content.rpartition(b"\n# ")[2].strip() if source else b""
        if last.startswith(b"70_names-"):
            names[last.decode()] = submission.name
    return names


def test_every_class_of_attacks_is_there():
    assert {attack.number for attack in attacks()} == set(range(1, 77))


@by_attack
def test_an_attack_earns_its_verdict_and_no_points(run, attack):
    checks = run.checks(attack)
    assert {check.status.value for check in checks} <= set(attack.statuses), checks
    assert sum(check.points for check in checks) == attack.points


@by_attack
def test_what_is_said_of_an_attack_names_what_happened(run, attack):
    text = " ".join(part for check in run.checks(attack) for part in (check.message, *_of_cases(check)))
    assert [words for words in attack.says if not _is_said(words, text)] == [], text
    notes = " ".join(run.submission(attack.exam, run.names[attack.id]).notes)
    assert [words for words in attack.notes if not _is_said(words, notes)] == [], notes
    assert attack.printed in run.job(attack).printed


def _of_cases(check: CheckResult) -> list[str]:
    return [f"{case.case}: {case.message}" for case in check.cases]


def _is_said(words: str, text: str) -> bool:
    return any(choice in text for choice in words.split("|"))


@by_attack
def test_an_attack_is_over_in_time_and_its_output_is_kept_short(run, attack):
    job = run.job(attack)
    assert job.usage.wall_s <= attack.within_s
    assert len(job.printed) <= 16 << 10


@by_attack
def test_the_submission_behind_an_attack_keeps_full_marks(run, attack):
    (part,) = run.jobs[attack.exam, attack.beside, "q1"].parts
    assert (part.status, part.points) == (Status.PASSED, 10)


def test_a_whole_right_submission_keeps_full_marks(run):
    parts = run.submission(PATIENT, "ada_kim").parts
    assert [part.auto_points for part in parts] == [10, 8, 7, 8]


def test_every_submission_has_a_row_of_its_own(run):
    rows = [(result.exam, result.submission) for result in run.summary.results]
    assert len(set(rows)) == len(rows) == 2 * len(ATTACKS) + 2


def test_the_run_has_no_fault_of_the_grader(run):
    faults = [
        job.notes for job in run.jobs.values() if Status.INTERNAL_ERROR in {p.status for p in job.parts}
    ]
    assert (faults, run.summary.exit_code) == ([], 0)


@pytest.mark.parametrize("kind", ["files", "processes", "mounts", "cgroups", "ipc", "descriptors"])
def test_nothing_is_left_behind(run, kind):
    assert [found for found in run.after[kind] if found not in run.before[kind]] == []
    assert len(run.after[kind]) == len(run.before[kind])


@pytest.mark.parametrize("write", [write_scores, write_summary], ids=lambda write: write.__name__)
def test_tables_of_hostile_names_hold_no_control_character(run, write):
    text = write(run.out, run.summary.results).read_text("utf-8")
    assert [char for char in set(text) if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"] == []


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.outside], ids=lambda attack: attack.id)
def test_outside_the_sandbox_the_same_attempts_come_through(run, facts, attack, tmp_path):
    source = filled(HERE / attack.slug / f"{attack.question}.py", attack, facts)
    control = CONTROL.format(here=str(HERE), only=attack.outside, source=source)
    environment = {**os.environ, "GRADER_ATTACK_SECRET": SECRET}
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "file").touch()
    done = subprocess.run(
        [sys.executable, "-c", control],
        env=environment,
        cwd=tmp_path / "here",
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
