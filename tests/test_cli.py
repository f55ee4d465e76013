"""The command line: exit codes, messages without tracebacks, JSON, a quick help. The engine is a stand-in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import grader
from grader.cli import run_command
from grader.errors import ForkServerError, UserError
from grader.models.result import Status
from grader.models.rubric import Exam
from grader.models.run import RunSummary
from tests.report_data import part, result, summary

EXAM = Exam.model_validate(
    {
        "header": {
            "exam": "exam_a",
            "title": "An exam",
            "points": 10,
            "arrays": "numpy",
            "questions": ["q1"],
        },
        "questions": [
            {
                "question": "q1",
                "title": "A question",
                "file": "q1.py",
                "points": 10,
                "parts": {"q1": [{"value": "w", "points": 10}]},
            }
        ],
        "references": {"q1": b"w = 1"},
        "guides": {},
    }
)
Engine = Callable[..., RunSummary]


def graded(
    exams: object,
    submissions: tuple[object, ...],
    *,
    store: object,
    jobs: int,
    progress: object,
    sandbox: str,
) -> RunSummary:
    """Stand in for the engine: everything is right."""
    return summary(*(result(one.name, part("q1", Status.PASSED, auto=10)) for one in submissions))


@pytest.fixture
def use_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Engine], None]:
    """Work in a folder with one submission, with a stand-in for rubrics and engine."""
    (tmp_path / "class/amy").mkdir(parents=True)
    (tmp_path / "class/amy/q1.py").write_text("w = 1")
    (tmp_path / "empty").mkdir()
    (tmp_path / "rubrics/exam_a").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("grader.cli.run.find_exams", lambda rubrics: (rubrics / "exam_a",))
    monkeypatch.setattr("grader.cli.run.load_exam", lambda folder, *, reference_root: EXAM)

    def use(grade: Engine) -> None:
        stand_in = SimpleNamespace(grade=grade)
        monkeypatch.setitem(sys.modules, "grader.engine", stand_in)
        monkeypatch.setattr(grader, "engine", stand_in, raising=False)

    use(graded)
    return use


@pytest.mark.usefixtures("use_engine")
def test_run_prints_the_table_and_writes_the_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", "class"]) == 0
    assert capsys.readouterr().out.splitlines()[1:6] == [
        "exam_a, 1 submission",
        "submission   q1  total",
        "            /10    /10",
        "──────────────────────",
        "amy          10     10",
    ]
    assert sorted(path.name for path in Path("results").iterdir()) == [
        "results.lock",
        "results.sqlite",
        "scores.csv",
        "summary.csv",
    ]
    assert Path("results/scores.csv").read_text().splitlines()[1] == "exam_a,amy,q1,10,10,passed,10,0"


@pytest.mark.usefixtures("use_engine")
def test_json_holds_the_marks_and_nothing_else_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", "class", "--json"]) == 0
    captured = capsys.readouterr()
    data = json.loads(captured.out)
    assert captured.err == ""
    assert (data["exit_code"], data["jobs_total"], data["files"]) == (
        0,
        1,
        ["results/scores.csv", "results/summary.csv"],
    )
    assert data["results"][0]["submission"] == "amy"
    assert data["results"][0]["parts"][0] == {
        "part": "q1",
        "status": "passed",
        "points": 10.0,
        "max_points": 10.0,
        "auto_points": 10.0,
        "manual_points": 0.0,
        "messages": [],
    }


@pytest.mark.usefixtures("use_engine")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "nowhere: there is no such folder"),
        (["empty"], "empty: nothing to grade"),
        (["class", "--jobs", "0"], "--jobs: must be at least 1, got 0"),
        (["class", "--exam", "exam_z"], "--exam exam_z: there is no such exam"),
        (["class", "--out", "class/amy/q1.py"], "class/amy/q1.py: results cannot be saved there"),
    ],
    ids=["missing", "empty", "jobs", "exam", "out"],
)
def test_what_the_operator_can_mend_is_one_message_and_exit_2(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["run", *words]) == 2
    told = capsys.readouterr()
    assert told.err.startswith(f"grader: {message}")
    assert "Traceback" not in told.err
    assert run_command(["run", *words, "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["message"].startswith(message)
    assert error["exit_code"] == 2


@pytest.mark.usefixtures("use_engine")
def test_no_rubrics_here_says_how_to_name_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path / "class")
    assert run_command(["run", "."]) == 2
    assert "--rubric DIR" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["run"], ["run", "x", "--jobs", "many"], ["run", "x", "--wat"], ["walk"]])
def test_unknown_words_are_exit_2_with_and_without_json(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(words) == 2
    assert "Error" in capsys.readouterr().err
    assert run_command([*words, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == 2


def test_internal_errors_are_exit_1(
    use_engine: Callable[[Engine], None], capsys: pytest.CaptureFixture[str]
) -> None:
    use_engine(
        lambda *_, **__: summary(
            result("amy", part("q1", Status.INTERNAL_ERROR, auto=None)), internal_errors=1
        )
    )
    assert run_command(["run", "class"]) == 1
    assert "run the same command again" in capsys.readouterr().out
    assert Path("results/scores.csv").read_text().splitlines()[1] == "exam_a,amy,q1,,10,internal_error,,0"


def test_interrupted_run_says_what_is_kept(
    use_engine: Callable[[Engine], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, progress: object, **__: object) -> RunSummary:
        progress.start(40, 6)  # type: ignore[attr-defined]  # a Progress
        progress.job_done("amy", "q1", [Status.PASSED])  # type: ignore[attr-defined]  # a Progress
        raise KeyboardInterrupt

    use_engine(interrupted)
    assert run_command(["run", "class"]) == 130
    told = capsys.readouterr().err.splitlines()[-1]
    assert told == "grader: interrupted: 7 of 40 jobs kept; run the same command again to resume"


@pytest.mark.parametrize(
    ("error", "exit_code", "told"),
    [
        (UserError("no sandbox here\n  Mend it."), 2, "grader: no sandbox here\n  Mend it.\n"),
        (ForkServerError("it died"), 70, "grader: it died\n"),
    ],
)
def test_errors_of_the_engine_have_their_exit_codes(
    use_engine: Callable[[Engine], None],
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    exit_code: int,
    told: str,
) -> None:
    def fail(*_: object, **__: object) -> RunSummary:
        raise error

    use_engine(fail)
    assert run_command(["run", "class"]) == exit_code
    assert capsys.readouterr().err == told


def test_bug_of_ours_shows_its_traceback(use_engine: Callable[[Engine], None]) -> None:
    def fail(*_: object, **__: object) -> RunSummary:
        raise ZeroDivisionError

    use_engine(fail)
    with pytest.raises(ZeroDivisionError):
        run_command(["run", "class"])


@pytest.mark.parametrize(("word", "shown"), [("--help", "Usage: grader"), ("--version", "grader 0.1.0")])
def test_help_and_version_load_none_of_the_heavy_packages(word: str, shown: str) -> None:
    code = (
        "import sys\nfrom grader.cli import run_command\n"
        f"code = run_command([{word!r}])\n"
        "heavy = [name for name in ('numpy', 'torch', 'pydantic', 'rich', 'yaml') if name in sys.modules]\n"
        "print(code, heavy)\n"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.startswith(shown)
    assert finished.stdout.splitlines()[-1] == "0 []"


def test_module_runs_as_a_command() -> None:
    finished = subprocess.run([sys.executable, "-m", "grader"], capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert "Usage: grader" in finished.stdout + finished.stderr
