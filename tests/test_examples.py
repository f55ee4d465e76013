"""The example class, graded by the real engine from end to end: every row as written down in tests/examples."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from grader import engine
from grader.models.rubric import Exam, Limits
from grader.models.run import RunSummary
from grader.models.submission import Submission
from grader.report.scores import write_scores
from grader.store import Store
from grader.submissions.submission import ExamLayout, find_submissions
from tests.conftest import ROOT, Silent, shipped_exam

EXAM = "snu_2021_midterm"
EXPECTED = yaml.safe_load((ROOT / "tests" / "examples" / f"{EXAM}.yaml").read_text("utf-8"))
PARTS = ["q1", "q2", "q3", "q4a", "q4b", "q5a", "q5b", "q6", "q7i", "q7ii", "q7iii"]
NAMES = [
    "ada_kim",
    "bruno_costa",
    "chen_wei",
    "daria_novak",
    "emil_larsen",
    "farah_haddad",
    "goran_petrov",
    "hana_sato",
    "ivan_rossi",
    "jonas_weber",
]

pytestmark = pytest.mark.xdist_group("examples")


@dataclass(frozen=True)
class Run:
    """One run over the example class, and the bytes of its scores.csv."""

    summary: RunSummary
    scores: bytes

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.scores.decode("utf-8"))))

    def rows_of(self, name: str) -> dict[str, dict[str, str]]:
        """The rows of one submission, by part."""
        return {row["question"]: row for row in self.rows if row["submission"] == name}

    def messages(self, name: str, part: str) -> list[str]:
        """What is said of each check of one part."""
        result = next(result for result in self.summary.results if result.submission == name)
        found = next(found for found in result.parts if found.part == part)
        return [check.message for check in found.checks]


def _impatient_exam() -> Exam:
    """The shipped exam; q7, where an example never ends, waits 2 s for a call and not 10."""
    exam = shipped_exam(EXAM)
    limits = {"q7": Limits(call_s=2, job_s=20)}
    questions = tuple(
        question.model_copy(update={"limits": limits.get(question.question, question.limits)})
        for question in exam.questions
    )
    return exam.model_copy(update={"questions": questions})


def _submissions() -> tuple[Submission, ...]:
    return find_submissions(ROOT / "submissions_example", [ExamLayout.of(shipped_exam(EXAM))])


def _grade(out: Path, jobs: int) -> Run:
    with Store.open(out) as store:
        exams = (_impatient_exam(),)
        summary = engine.grade(exams, _submissions(), store=store, jobs=jobs, progress=Silent())
        return Run(summary, write_scores(out, summary.results).read_bytes())


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The folder that the first run and its resumption write to."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def run(out):
    """The example class, graded once with two jobs side by side."""
    return _grade(out, jobs=2)


def test_the_examples_are_ten_students_with_a_row_a_part_in_the_order_of_the_paper(run):
    expected = [(EXAM, name, part) for name in NAMES for part in PARTS]
    assert [(row["exam"], row["submission"], row["question"]) for row in run.rows] == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_part_earns_and_stands_as_written_down(run, name):
    rows = run.rows_of(name)
    found = {part: {"auto": float(row["auto_points"]), "status": row["status"]} for part, row in rows.items()}
    assert found == EXPECTED[name]


def test_points_stay_empty_while_prose_waits_for_a_person(run):
    pending = [row for row in run.rows if row["status"] == "pending"]
    assert len(pending) == 38
    assert {(row["points"], row["manual_points"]) for row in pending} == {("", "")}


def test_points_of_a_part_without_prose_are_its_automatic_points(run):
    automatic = ["q1", "q4a", "q4b", "q5a", "q5b", "q7i", "q7ii"]
    rows = [row for row in run.rows if row["question"] in automatic]
    assert [row["points"] for row in rows] == [row["auto_points"] for row in rows]


@pytest.mark.parametrize(
    ("name", "part", "words"),
    [
        ("chen_wei", "q1", "turns its kernel round"),
        ("daria_novak", "q1", "Rows and columns have changed places"),
        ("emil_larsen", "q1", "Every sign is the wrong way round"),
        ("hana_sato", "q1", "adds up all three colours"),
        ("chen_wei", "q2", "Both running means start at zero"),
        ("emil_larsen", "q2", "steps of plain gradient descent"),
        ("daria_novak", "q4a", "second moment of an input is not its variance"),
        ("emil_larsen", "q4a", "variance in front of the sigmoid"),
        ("emil_larsen", "q4b", "whose slope of 1/4 enters"),
        ("farah_haddad", "q5a", "These are the weights alone"),
        ("chen_wei", "q5b", "there is none behind the sum"),
        ("daria_novak", "q5b", "PyTorch cannot see your parameters"),
        ("emil_larsen", "q5b", "use the same three convolutions"),
        ("goran_petrov", "q5b", "One last convolution over all branches"),
        ("farah_haddad", "q6", "This is plain momentum (heavy ball)"),
        ("goran_petrov", "q6", "momentum term comes one step late"),
        ("chen_wei", "q7i", "The last layer has no skip connection"),
        ("farah_haddad", "q7i", "The identity of the skip connection is missing"),
        ("goran_petrov", "q7i", "The square matrices are transposed"),
        ("daria_novak", "q7ii", "derivative of the activation is taken at y_l"),
        ("farah_haddad", "q7ii", "their identity is missing from your chain"),
    ],
)
def test_a_typical_mistake_is_recognised_and_named(run, name, part, words):
    assert words in " ".join(run.messages(name, part))


@pytest.mark.parametrize(
    ("name", "part", "message"),
    [
        ("goran_petrov", "q7ii", "line 22 uses .backward(), which this question forbids"),
        ("jonas_weber", "q7ii", "public 1: no answer within 2 s"),
        ("hana_sato", "q2", "q2.py was not handed in"),
        ("hana_sato", "q6", "public 1: NotImplementedError (q6.py line 16: raise NotImplementedError)"),
        ("hana_sato", "q7iii", "no text in answers.md below a heading `## q7 iii`"),
        ("goran_petrov", "q3", "not the right choice"),
        ("hana_sato", "q3", "`leaky_relu` is missing from the dict; it has 'relu', 'sigmoid'"),
        (
            "hana_sato",
            "q4b",
            "wrong in all 4 cases: `input_gradient_moments` returns nothing (did you forget `return`?)",
        ),
    ],
)
def test_what_stands_in_the_way_of_an_answer_is_named(run, name, part, message):
    assert message in run.messages(name, part)


def test_a_syntax_error_names_file_and_line_and_spoils_its_own_question_only(run):
    (message,) = {*run.messages("ivan_rossi", "q5a"), *run.messages("ivan_rossi", "q5b")}
    assert message.startswith("q5.py: line 13: Python cannot read this")
    assert run.messages("ivan_rossi", "q7ii") == ["", ""]


def test_the_run_is_complete_and_without_faults_of_the_grader(run):
    assert (run.summary.jobs_total, run.summary.jobs_run, run.summary.jobs_stored) == (70, 70, 0)
    assert run.summary.exit_code == 0


def test_a_second_run_on_the_same_results_runs_nothing(run, out):
    again = _grade(out, jobs=2)
    assert (again.summary.jobs_run, again.summary.jobs_stored) == (0, 70)
    assert again.scores == run.scores


def test_one_job_at_a_time_gives_the_same_bytes(run, tmp_path):
    assert _grade(tmp_path, jobs=1).scores == run.scores
