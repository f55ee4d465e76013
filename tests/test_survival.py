"""A run that is killed, stopped, starved of disk or shut out: finished work stays, and the next run ends it."""

from __future__ import annotations

import dataclasses
import errno
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.kill_resume import await_stored, descendants, disturbed, in_peace, still_running
from grader import engine
from grader.cli import run_command
from grader.errors import SandboxError, UserError
from grader.executors import LocalPool
from grader.models.result import JobResult, Status
from grader.models.rubric import Exam, Limits
from grader.models.run import RunSummary
from grader.models.submission import Submission
from grader.probing.observe import Observed, observe_submission
from grader.sandbox import ForkServer
from grader.store import Store
from tests.conftest import ROOT, shipped_exam
from tests.small_exam import HANGS, RIGHT, SHIPPED, submission, write_class, write_exam

pytestmark = pytest.mark.xdist_group("survival")

Observe = Callable[..., dict[str, Observed]]


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


def exam_of(*questions: str, call_s: float = 10.0) -> Exam:
    """Return the shipped exam with these questions only."""
    kept = [q for q in shipped_exam(SHIPPED).questions if q.question in questions]
    hurried = [q.model_copy(update={"limits": Limits(call_s=call_s)}) for q in kept]
    return shipped_exam(SHIPPED).model_copy(update={"questions": tuple(hurried)})


def graded(out: Path, exam: Exam, *submissions: Submission) -> RunSummary:
    """Grade with one worker."""
    with Store.open(out) as store:
        return engine.grade((exam,), submissions, store=store, jobs=1, progress=Silent())


def statuses(summary: RunSummary) -> dict[str, list[str]]:
    return {r.submission: [part.status.value for part in r.parts] for r in summary.results}


def killing(name: str, times: int, whom: Callable[[int], int]) -> Observe:
    """Observe as the engine does, but kill the server, by the process that `whom` chooses, when it has made a child."""
    left = Counter({name: times})

    def observe(server, plans, submission, **options):
        fork = server.fork

        def fork_and_die(limits):
            child = fork(limits)
            if left[submission.name]:
                left[submission.name] -= 1
                os.kill(whom(server._process.pid), signal.SIGKILL)
            return child

        server.fork = fork_and_die
        try:
            return observe_submission(server, plans, submission, **options)
        finally:
            server.fork = fork

    return observe


@pytest.mark.parametrize(
    "whom", [lambda pid: pid, lambda pid: descendants(pid)[0]], ids=["launcher", "server"]
)
def test_job_of_a_killed_server_is_run_again_and_nobody_notices(tmp_path, monkeypatch, whom):
    monkeypatch.setattr(engine, "observe_submission", killing("bob", 1, whom))
    class_ = [submission(name, {"q1": RIGHT["q1"]}) for name in ("amy", "bob", "cho")]
    summary = graded(tmp_path, exam_of("q1"), *class_)
    assert statuses(summary) == {"amy": ["passed"], "bob": ["passed"], "cho": ["passed"]}
    assert (summary.exit_code, summary.internal_errors) == (0, 0)


def test_job_that_loses_two_servers_is_our_failure_and_run_by_the_next_run(tmp_path, monkeypatch):
    class_ = [submission(name, {"q1": RIGHT["q1"]}) for name in ("amy", "bob", "cho")]
    with monkeypatch.context() as patch:
        patch.setattr(engine, "observe_submission", killing("bob", 2, lambda pid: pid))
        first = graded(tmp_path, exam_of("q1"), *class_)
    assert statuses(first) == {"amy": ["passed"], "bob": ["internal_error"], "cho": ["passed"]}
    assert (first.exit_code, first.internal_errors) == (1, 1)
    assert first.results[1].points is None
    second = graded(tmp_path, exam_of("q1"), *class_)
    assert statuses(second)["bob"] == ["passed"]
    assert (second.exit_code, second.jobs_run, second.jobs_stored) == (0, 1, 2)


def test_server_killed_while_it_starts_is_started_once_more(tmp_path, monkeypatch):
    starts = []
    start = ForkServer.start

    def start_and_die(**options):
        starts.append(options)
        if len(starts) == 2:
            raise SandboxError("sandbox: it ended early")
        return start(**options)

    monkeypatch.setattr(ForkServer, "start", start_and_die)
    monkeypatch.setattr(engine, "observe_submission", killing("amy", 1, lambda pid: pid))
    summary = graded(tmp_path, exam_of("q1"), submission("amy", {"q1": RIGHT["q1"]}))
    assert statuses(summary) == {"amy": ["passed"]}
    assert len(starts) == 3


def test_server_that_cannot_be_started_for_want_of_space_is_told_with_a_fix(monkeypatch):
    def fail(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ForkServer, "start", fail)
    with pytest.raises(
        SandboxError, match=r"(?s)started: No space left on device\n  Free space for temporary"
    ):
        LocalPool(1)


def test_submission_that_hangs_again_and_again_gets_less_time_and_keeps_its_right_answers(server, plans):
    limits = Limits(call_s=3.0)
    asked = [dataclasses.replace(plans(SHIPPED, q), limits=limits) for q in ("q1", "q3", "q4", "q6")]
    hanging = submission("amy", {"q1": HANGS, "q3": HANGS, "q4": RIGHT["q4"], "q6": HANGS})
    observed = observe_submission(server, asked, hanging)
    told = {
        question: {outcome.message for outcomes in found.outcomes.values() for outcome in outcomes}
        for question, found in observed.items()
    }
    assert told["q1"] == told["q3"] == {"no answer within 3 s while the file was loaded"}
    assert told["q4"] == {""}
    assert told["q6"] == {
        "no answer within 0.3 s while the file was loaded "
        "(a tenth of the usual time, as two earlier questions had used up theirs)"
    }
    assert [found.is_cut_short for found in observed.values()] == [False, False, False, True]


def test_answer_that_had_less_time_is_run_again_when_an_earlier_question_changes(tmp_path):
    hanging = submission("amy", {"q1": HANGS, "q3": HANGS, "q4": HANGS})
    exam = exam_of("q1", "q3", "q4", call_s=1.0)
    graded(tmp_path, exam, hanging)
    assert graded(tmp_path, exam, hanging).jobs_run == 0
    q1, *others = exam.questions
    patient = q1.model_copy(update={"limits": Limits(call_s=1.1)})
    again = graded(tmp_path, exam.model_copy(update={"questions": (patient, *others)}), hanging)
    assert (again.jobs_run, again.jobs_stored) == (2, 1)
    q4 = again.results[0].parts[-1].checks[0]
    assert "no answer within 0.1 s" in q4.message
    assert "a tenth of the usual time" in q4.message


def test_small_class_killed_four_times_ends_as_if_left_in_peace(tmp_path):
    write_exam(tmp_path, "q1", "q4")
    command = [str(write_class(tmp_path, 12)), "--rubric", str(tmp_path / "rubrics")]
    wanted = in_peace(command, tmp_path / "peace")
    found = disturbed(command, tmp_path / "disturbed", kills=4, seed=3)
    assert found.scores == wanted
    assert (found.run_again, found.left_behind) == ([], [])
    assert len(found.stored_at_kill) == 4


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """Grade twenty right submissions to one question into `out`."""
    write_exam(tmp_path, "q1")
    class_ = write_class(tmp_path, 20, {"q1": RIGHT["q1"]})
    return [str(class_), "--rubric", str(tmp_path / "rubrics"), "--out", str(tmp_path / "out"), "--jobs", "1"]


def started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "grader", "run", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_sigterm_keeps_what_is_finished_and_leaves_no_process(tmp_path, command):
    (tmp_path / "class/small/student_05/q1.py").write_bytes(HANGS)
    process = started(command)
    assert await_stored(process, tmp_path / "out", 5)
    family = descendants(process.pid)
    process.terminate()
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.splitlines()[-1] == (
        "grader: interrupted: 5 of 20 jobs kept; run the same command again to resume"
    )
    assert still_running(family) == []


FIRST_SIGNAL = """
import os, signal, sys
from grader.cli.interruption import interruptible

with interruptible():
    try:
        os.kill(os.getpid(), int(sys.argv[1]))
    except KeyboardInterrupt:
        print("tidying up", flush=True)
        os.kill(os.getpid(), signal.SIGINT)
        print("not reached", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_second_ctrl_c_leaves_at_once(number):
    ended = subprocess.run(
        [sys.executable, "-c", FIRST_SIGNAL, str(int(number))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (130, "tidying up\n")
    assert ended.stderr == (
        "\ngrader: left at once; finished jobs are kept, run the same command again to resume\n"
    )


def test_ignored_hangup_stays_ignored():
    code = (
        "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from grader.cli.interruption import interruptible\n"
        "with interruptible(): os.kill(os.getpid(), signal.SIGHUP)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_second_run_on_one_folder_names_the_first(tmp_path, command, capsys):
    with Store.open(tmp_path / "out"):
        assert run_command(["run", *command]) == 2
    told = capsys.readouterr().err
    assert f"another run is writing there (process {os.getpid()} on " in told
    assert "Traceback" not in told


def test_results_of_a_newer_grader_are_refused(tmp_path, command, capsys):
    Store.open(tmp_path / "out").close()
    with sqlite3.connect(tmp_path / "out/results.sqlite") as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    assert run_command(["run", *command]) == 2
    assert "written by a newer grader (format 7, this one knows 1)" in capsys.readouterr().err


def test_result_that_cannot_be_read_is_a_damaged_file(tmp_path):
    with Store.open(tmp_path) as store:
        store.save("k", JobResult(exam="e", submission="s", question="q", parts=()), None)
        store._connection.execute("UPDATE jobs SET result = '{}'")
        with pytest.raises(UserError, match=r"(?s)damaged or no results file.*Move it away"):
            list(store.results_for(["k"]))


def test_jobs_of_one_submission_are_stored_all_or_none(tmp_path):
    small = JobResult(exam="e", submission="s", question="q1", parts=())
    large = small.model_copy(update={"question": "q2", "printed": "x" * 1_000_000})
    with Store.open(tmp_path) as store:
        store._connection.execute("PRAGMA max_page_count = 20")
        with pytest.raises(UserError, match="database or disk is full"):
            store.save_together([("k1", small), ("k2", large)])
        assert store.stored_keys() == set()
        store.save_together([("k1", small)])
        assert store.stored_keys() == {"k1"}


def shell(script: str, *words: str, within: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a shell script; `$PYTHON` grades."""
    environment = {**os.environ, "PYTHON": sys.executable}
    return subprocess.run(
        [*within, "sh", "-c", script, "sh", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def own_mounts() -> tuple[str, ...]:
    """The command to run another with mounts of its own; root's, as nobody else's may be root and start the sandbox."""
    command = ("unshare", "--mount")
    if os.geteuid() or shell("mount -t tmpfs none /mnt", within=command).returncode:
        pytest.skip("only root can mount here")
    return command


def test_file_that_may_not_grow_ends_the_run_and_the_next_one_ends_the_class(tmp_path, command):
    (tmp_path / "out").mkdir()
    ended = shell(
        """
        out=$1; shift
        (ulimit -f 150; "$PYTHON" -m grader run "$@" 2> "$out/../first.txt" > /dev/null; echo "first: $?")
        "$PYTHON" -m grader run "$@" > "$out/../second.txt" 2>&1
        echo "second: $?"
        grep -c passed "$out/scores.csv"
        """,
        str(tmp_path / "out"),
        *command,
    )
    assert ended.stdout.splitlines() == ["first: 2", "second: 0", "20"]
    assert "results cannot be saved there" in (tmp_path / "first.txt").read_text()
    assert "resuming: " in (tmp_path / "second.txt").read_text()


def test_full_disk_ends_the_run_and_the_next_one_ends_the_class(tmp_path, command, own_mounts):
    (tmp_path / "out").mkdir()
    ended = shell(
        """
        out=$1; shift
        mount -t tmpfs -o size=160k none "$out"
        "$PYTHON" -m grader run "$@" 2> "$out/../first.txt" > /dev/null
        echo "first: $?"
        mount -o remount,size=16m "$out"
        "$PYTHON" -m grader run "$@" > "$out/../second.txt" 2>&1
        echo "second: $?"
        grep -c passed "$out/scores.csv"
        """,
        str(tmp_path / "out"),
        *command,
        within=own_mounts,
    )
    assert ended.stdout.splitlines() == ["first: 2", "second: 0", "20"]
    assert "results cannot be saved there: database or disk is full" in (tmp_path / "first.txt").read_text()
    assert "resuming: " in (tmp_path / "second.txt").read_text()


def test_read_only_folder_is_one_message(tmp_path, command, own_mounts):
    (tmp_path / "out").mkdir()
    ended = shell(
        """
        out=$1; shift
        mount --bind "$out" "$out" && mount -o remount,ro,bind "$out"
        "$PYTHON" -m grader run "$@"
        """,
        str(tmp_path / "out"),
        *command,
        within=own_mounts,
    )
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        f"grader: {tmp_path / 'out'}: results cannot be saved there: Read-only file system",
        "  Free some space or give another folder with --out; what was saved so far is kept.",
    ]
