"""The shapes that `results.sqlite` has had, oldest first; each step runs in a transaction of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from grader.errors import UserError

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # The result before the observations: a report reads the first and must not page through the second.
        """CREATE TABLE jobs (
            exam TEXT NOT NULL,
            submission TEXT NOT NULL,
            question TEXT NOT NULL,
            key TEXT NOT NULL,
            points REAL,
            max_points REAL NOT NULL,
            has_internal_error INTEGER NOT NULL,
            wall_s REAL NOT NULL,
            saved_at TEXT NOT NULL,
            result TEXT NOT NULL,
            observations BLOB,
            PRIMARY KEY (exam, submission, question)
        ) STRICT""",
        "CREATE INDEX jobs_by_key ON jobs (key)",
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            started_at TEXT NOT NULL,
            finished_at TEXT,
            info TEXT NOT NULL
        ) STRICT""",
    ),
)


def migrate(
    connection: sqlite3.Connection,
    migrations: Sequence[Sequence[str]] = MIGRATIONS,
    *,
    file: str = "results.sqlite",
) -> None:
    """Bring a database to the newest shape. Raises UserError if a newer grader wrote it.

    The connection is in autocommit mode (`isolation_level=None`).
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        raise UserError(
            f"{file}: was written by a newer grader (format {version}, this one knows {len(migrations)})\n"
            "  Update grader, or give another folder with --out."
        )
    for number, statements in enumerate(migrations[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number:d}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
