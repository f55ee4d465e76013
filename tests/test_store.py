"""The store: what is saved stays, one run at a time, old files open, trouble is told."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from grader.errors import UserError
from grader.migrations import MIGRATIONS, migrate
from grader.models.result import CheckResult, JobResult, PartResult, Status, Usage
from grader.models.run import RunInfo
from grader.store import Store

INFO = RunInfo(grader="0.1.0", python="3.11", torch="2.13.0", numpy="2.0", machine="x86_64 Linux")


def job(
    submission: str = "amy",
    question: str = "q1",
    *,
    exam: str = "exam_a",
    points: float = 3.0,
    status: Status = Status.PASSED,
) -> JobResult:
    check = CheckResult(check=f"{question}.1", title="value w", status=status, points=points, max_points=5.0)
    part = PartResult(
        part=question,
        status=status,
        auto_points=points,
        auto_max=5,
        manual_points=0,
        manual_max=0,
        checks=(check,),
    )
    return JobResult(
        exam=exam,
        submission=submission,
        question=question,
        parts=(part,),
        printed="\x1b[31m θ",
        usage=Usage(wall_s=0.5),
    )


def test_saved_result_comes_back_the_same(tmp_path: Path) -> None:
    with Store.open(tmp_path / "new/results") as store:
        store.save("k1", job(), b"\x00seen")
    with Store.open(tmp_path / "new/results") as store:
        assert list(store.results_for(["k1"])) == [job()]
        assert store.stored_keys() == {"k1"}
        assert store.observations("exam_a", "amy", "q1") == b"\x00seen"


def test_newest_key_replaces_the_older_result(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.save("old", job(points=1), None)
        store.save("new", job(points=2), None)
        assert store.stored_keys() == {"new"}
        assert [result.parts[0].points for result in store.results("exam_a")] == [2.0]


def test_results_are_sorted_and_only_of_the_keys_asked_for(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.save("k1", job("zoe", "q2"), None)
        store.save("k2", job("amy", "q2"), None)
        store.save("k3", job("zoe", "q1"), None)
        store.save("k4", job("gone", "q1"), None)
        store.save("k5", job("zoe", "q1", exam="exam_0"), None)
        found = [(r.exam, r.submission, r.question) for r in store.results_for(["k1", "k2", "k3", "k5"])]
    assert found == [
        ("exam_0", "zoe", "q1"),
        ("exam_a", "amy", "q2"),
        ("exam_a", "zoe", "q1"),
        ("exam_a", "zoe", "q2"),
    ]


def test_internal_error_is_kept_but_runs_again(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.save("k1", job(status=Status.INTERNAL_ERROR), None)
        assert store.stored_keys() == set()
        assert len(list(store.results_for(["k1"]))) == 1


def test_second_run_on_the_same_folder_is_refused_and_told_who(tmp_path: Path) -> None:
    with (
        Store.open(tmp_path),
        pytest.raises(UserError, match=rf"(?s)another run.*process {os.getpid()} on .*, since 20.*--out"),
    ):
        Store.open(tmp_path)
    Store.open(tmp_path).close()


def test_many_threads_may_save(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        threads = [
            threading.Thread(target=store.save, args=(f"k{number}", job(f"s{number}"), None))
            for number in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(store.stored_keys()) == 16


def test_killed_run_keeps_every_saved_job_and_lets_the_next_one_in(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from grader.models.result import JobResult; from grader.store import Store\n"
        "store = Store.open(Path(sys.argv[1]))\n"
        "for n in range(5):\n"
        "    store.save(f'k{n}', JobResult(exam='e', submission=f's{n}', question='q', parts=()), None)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    finished = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert finished.returncode == -signal.SIGKILL
    with Store.open(tmp_path) as store:
        assert store.stored_keys() == {"k0", "k1", "k2", "k3", "k4"}


def test_newer_file_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "results.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UserError, match=r"(?s)written by a newer grader \(format 99.*Update grader"):
        Store.open(tmp_path)


def test_file_that_is_no_database_is_a_user_error(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_text("these are not results" * 100)
    with pytest.raises(UserError, match=r"(?s)damaged or no results file.*Move it away"):
        Store.open(tmp_path)


def test_output_that_cannot_be_a_folder_is_a_user_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"(?s)results cannot be saved there.*--out"):
        Store.open(tmp_path / "file")


def test_full_disk_is_a_user_error_and_keeps_what_was_saved(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.save("k1", job(), None)
        store._connection.execute("PRAGMA max_page_count = 10")
        with pytest.raises(UserError, match=r"(?s)database or disk is full.*Free some space"):
            store.save("k2", job("bob"), b"x" * 1_000_000)
        assert store.stored_keys() == {"k1"}


def test_runs_are_noted_with_versions_and_times(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        first, second = store.begin_run(INFO), store.begin_run(INFO)
        store.finish_run(second)
    connection = sqlite3.connect(tmp_path / "results.sqlite")
    rows = connection.execute("SELECT id, finished_at IS NULL, info FROM runs ORDER BY id").fetchall()
    connection.close()
    assert [(row[0], row[1]) for row in rows] == [(first, 1), (second, 0)]
    assert RunInfo.model_validate_json(rows[0][2]) == INFO


def test_migrations_run_once_each_and_only_the_missing_ones() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    steps = [("CREATE TABLE a (x INTEGER) STRICT", "INSERT INTO a VALUES (1)")]
    migrate(connection, steps)
    migrate(connection, [*steps, ("UPDATE a SET x = x + 1",)])
    migrate(connection, [*steps, ("UPDATE a SET x = x + 1",)])
    rows = connection.execute("SELECT x FROM a").fetchall()
    version = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    assert (rows, version) == ([(2,)], (2,))


def test_failed_migration_leaves_the_old_shape() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, [("CREATE TABLE a (x INTEGER) STRICT",), ("DROP TABLE a", "NO SUCH STATEMENT")])
    tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    version = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    assert (tables, version) == ([("a",)], (1,))


def test_file_of_the_first_format_opens(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "results.sqlite", isolation_level=None)
    migrate(connection, MIGRATIONS[:1])
    connection.execute(
        "INSERT INTO jobs VALUES ('exam_a', 'amy', 'q1', 'k1', 3, 5, 0, 0.5, '2021-10-01', ?, NULL)",
        (job().model_dump_json(),),
    )
    connection.close()
    with Store.open(tmp_path) as store:
        assert list(store.results("exam_a")) == [job()]
