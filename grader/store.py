"""`results.sqlite`: every finished job, a transaction each, one run at a time; a resumed run starts here."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import ValidationError

from grader.errors import UserError
from grader.migrations import migrate
from grader.models.result import JobResult, Status
from grader.models.run import RunInfo

DATABASE = "results.sqlite"
LOCK = "results.lock"

_UPSERT = """INSERT INTO jobs
    (exam, submission, question, key, points, max_points, has_internal_error, wall_s, saved_at, result,
    observations)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (exam, submission, question) DO UPDATE SET
    key = excluded.key, points = excluded.points, max_points = excluded.max_points,
    has_internal_error = excluded.has_internal_error, wall_s = excluded.wall_s, saved_at = excluded.saved_at,
    result = excluded.result, observations = excluded.observations"""


class Store:
    """The results of one output folder. Use as a context manager; methods may be called from any thread.

    Every method raises UserError if the disk is full or the folder cannot be written.
    """

    def __init__(self, out: Path, connection: sqlite3.Connection, lock: int) -> None:
        self.out = out
        self._connection = connection
        self._lock = lock
        self._mutex = threading.Lock()

    @classmethod
    def open(cls, out: Path) -> Store:
        """Open the results in `out`, making the folder if need be, and keep every other run out of it.

        Raises UserError if another run has it open, a newer grader wrote it, or it cannot be written.
        """
        try:
            out.mkdir(parents=True, exist_ok=True)
            lock = _take_lock(out / LOCK)
        except OSError as error:
            raise _not_writable(out, error.strerror or "unknown reason") from None
        try:
            with _explained(out):
                connection = _connect(out / DATABASE)
        except BaseException:
            os.close(lock)
            raise
        return cls(out, connection, lock)

    def close(self) -> None:
        """Close the file and let other runs in. Does nothing the second time."""
        if self._lock >= 0:
            self._connection.close()
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stored_keys(self) -> set[str]:
        """Return the keys of the jobs that need no second run: all but those with an internal error."""
        rows = self._query("SELECT key FROM jobs WHERE has_internal_error = 0")
        return {key for (key,) in rows}

    def save(self, key: str, result: JobResult, observations: bytes | None) -> None:
        """Keep one job's result for good; it replaces what the same submission and question had before."""
        with self._mutex, _explained(self.out):
            self._connection.execute(_UPSERT, _row(key, result, observations))

    def save_together(self, results: Iterable[tuple[str, JobResult]]) -> None:
        """Keep several jobs' results by their keys, all of them or, if that fails or the machine stops, none."""
        rows = [_row(key, result, None) for key, result in results]
        with self._mutex, _explained(self.out):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(_UPSERT, rows)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk has rolled back already
                    self._connection.execute("ROLLBACK")
                raise

    def results(self, exam: str) -> Iterator[JobResult]:
        """Yield all that is stored of one exam, by submission and question, students long gone included."""
        rows = self._query("SELECT result FROM jobs WHERE exam = ? ORDER BY submission, question", exam)
        return (self._parsed(result) for (result,) in rows)

    def results_for(self, keys: Iterable[str]) -> Iterator[JobResult]:
        """Yield the results with these keys, sorted by exam, submission and question."""
        wanted = set(keys)
        rows = self._query("SELECT key, result FROM jobs ORDER BY exam, submission, question")
        return (self._parsed(result) for key, result in rows if key in wanted)

    def observations(self, exam: str, submission: str, question: str) -> bytes | None:
        """Return what was saved of one job's observations."""
        rows = self._query(
            "SELECT observations FROM jobs WHERE exam = ? AND submission = ? AND question = ?",
            exam, submission, question,
        )  # fmt: skip
        return rows[0][0] if rows else None

    def begin_run(self, info: RunInfo) -> int:
        """Note that a run starts; return its number."""
        with self._mutex, _explained(self.out):
            cursor = self._connection.execute(
                "INSERT INTO runs (started_at, info) VALUES (?, ?)", (_now(), info.model_dump_json())
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def finish_run(self, run: int) -> None:
        """Note that a run came to its end; a run without this was interrupted."""
        with self._mutex, _explained(self.out):
            self._connection.execute("UPDATE runs SET finished_at = ? WHERE id = ?", (_now(), run))

    def _parsed(self, result: str) -> JobResult:
        try:
            return JobResult.model_validate_json(result)
        except ValidationError as error:
            raise _damaged(
                self.out, f"a result that cannot be read ({error.error_count()} problems)"
            ) from None

    def _query(self, statement: str, *values: str) -> list[Any]:
        with self._mutex, _explained(self.out):
            return self._connection.execute(statement, values).fetchall()


def _connect(path: Path) -> sqlite3.Connection:
    # Autocommit, a transaction a statement: a killed run loses the jobs in flight and nothing else.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection, file=str(path))
    except BaseException:
        connection.close()
        raise
    return connection


def _take_lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        owner = {"pid": os.getpid(), "host": socket.gethostname(), "started": _now()}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(owner).encode(), 0)
    except OSError as error:
        held_by = _read_owner(descriptor)
        os.close(descriptor)
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise UserError(
                f"{path.parent}: another run is writing there ({held_by})\n"
                "  Wait until it ends, or give another folder with --out."
            ) from None
        raise
    return descriptor


def _read_owner(descriptor: int) -> str:
    try:
        owner = json.loads(os.pread(descriptor, 1000, 0))
        return f"process {owner['pid']} on {owner['host']}, since {owner['started']}"
    except (ValueError, KeyError, TypeError):
        return "it did not say which"


@contextmanager
def _explained(out: Path) -> Iterator[None]:
    """Turn what the operator can mend into a UserError; a bug of ours passes through."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _not_writable(out, str(error)) from None
    except sqlite3.DatabaseError as error:
        if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError)):
            raise
        raise _damaged(out, str(error)) from None


def _damaged(out: Path, reason: str) -> UserError:
    return UserError(
        f"{out / DATABASE}: is damaged or no results file: {reason}\n"
        "  Move it away (the jobs in it will run again), or give another folder with --out."
    )


def _not_writable(out: Path, reason: str) -> UserError:
    return UserError(
        f"{out}: results cannot be saved there: {reason}\n"
        "  Free some space or give another folder with --out; what was saved so far is kept."
    )


def _row(key: str, result: JobResult, observations: bytes | None) -> tuple[object, ...]:
    return (
        result.exam, result.submission, result.question, key,
        _points(result), sum(part.max_points for part in result.parts), int(_has_internal_error(result)),
        result.usage.wall_s, _now(), result.model_dump_json(), observations,
    )  # fmt: skip


def _points(result: JobResult) -> float | None:
    points = [part.points for part in result.parts]
    known = [value for value in points if value is not None]
    return sum(known) if len(known) == len(points) else None


def _has_internal_error(result: JobResult) -> bool:
    return any(
        status is Status.INTERNAL_ERROR
        for part in result.parts
        for status in (part.status, *(check.status for check in part.checks))
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
