"""Kills a run with SIGKILL again and again, resumes it each time, and compares the end with a run left in peace.

    python -m benchmarks.kill_resume [--submissions 60] [--kills 20] [--seed 1]

Ends with 1 if scores.csv differs by a byte, if a stored job was run again, or if a killed run left a process behind.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAM = "snu_2021_midterm"
SLOW_QUESTION = "q5"
SLOW_EVERY = 10
MAX_DELAY_S = 0.7
GONE_S = 30.0
"""A fork server that is still starting ends when it has started and finds nobody there."""
RUN_S = 600.0

Rows = dict[str, tuple[str, str]]
"""What is stored of each job, by its key: when it was saved, and its result with the times it took."""


@dataclass
class Disturbed:
    """What a run came to that was killed and resumed."""

    stored_at_kill: list[int] = field(default_factory=list)
    run_again: list[str] = field(default_factory=list)
    left_behind: list[int] = field(default_factory=list)
    scores: bytes = b""
    stored_before_last: int = 0
    summary: str = ""


def main() -> int:
    """Run the class in peace, then disturbed; print and judge."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make_folder(place / "class" / EXAM, options.submissions)
        command = [str(place / "class"), "--rubric", str(ROOT / "rubrics")]
        started = time.monotonic()
        wanted = in_peace(command, place / "peace")
        print(f"in peace: {options.submissions} submissions in {time.monotonic() - started:.1f} s")
        found = disturbed(command, place / "disturbed", kills=options.kills, seed=options.seed)
    print(f"killed {len(found.stored_at_kill)} times, with so many jobs stored: {found.stored_at_kill}")
    print(f"last run: {found.stored_before_last} jobs kept; {found.summary}")
    print(f"stored jobs that were run again: {len(found.run_again)}")
    print(f"processes left behind: {len(found.left_behind)}")
    print(f"scores.csv the same: {found.scores == wanted} ({len(wanted)} bytes)")
    is_right = found.scores == wanted and not found.run_again and not found.left_behind
    return 0 if is_right and len(found.stored_at_kill) == options.kills else 1


def make_folder(folder: Path, count: int) -> None:
    """Write a class of right and wrong answers, in the forms of tests/answers; the slow question for a few of them."""
    answers = ROOT / "tests" / "answers" / EXAM
    forms: dict[str, list[Path]] = {}
    for path in sorted(answers.glob("*/*/*.py")):
        forms.setdefault(path.parent.name, []).append(path)
    for number in range(count):
        student = folder / f"student_{number:03}"
        student.mkdir(parents=True)
        for question, paths in forms.items():
            if question != SLOW_QUESTION or number % SLOW_EVERY == 0:
                (student / f"{question}.py").write_bytes(paths[number % len(paths)].read_bytes())


def in_peace(command: Sequence[str], out: Path) -> bytes:
    """Grade, and return scores.csv."""
    _finished(_start(command, out))
    return (out / "scores.csv").read_bytes()


def disturbed(command: Sequence[str], out: Path, *, kills: int, seed: int) -> Disturbed:
    """Grade, killed `kills` times: each when one more share of the jobs is stored, and a random moment later."""
    rng = random.Random(seed)
    found = Disturbed()
    kept: Rows = {}
    total = _count_jobs(command)
    for mark in sorted(rng.randrange(total) for _ in range(kills)):
        process = _start(command, out)
        if not await_stored(process, out, mark):
            break
        time.sleep(rng.uniform(0, MAX_DELAY_S))
        found.left_behind += _kill(process)
        kept = _compared(kept, _stored(out), found)
        found.stored_at_kill.append(len(kept))
    found.stored_before_last = len(kept)
    found.summary = _finished(_start(command, out))
    _compared(kept, _stored(out), found)
    found.scores = (out / "scores.csv").read_bytes()
    return found


def _compared(before: Rows, after: Rows, found: Disturbed) -> Rows:
    found.run_again += [key for key, row in before.items() if after.get(key) != row]
    return after


def _count_jobs(command: Sequence[str]) -> int:
    """Return submissions × questions."""
    rubrics = Path(command[command.index("--rubric") + 1])
    exams = [path for path in Path(command[0]).iterdir() if path.is_dir()]
    return sum(
        len(list(exam.iterdir())) * len([p for p in (rubrics / exam.name).glob("*.yaml") if p.stem != "exam"])
        for exam in exams
    )


def _start(command: Sequence[str], out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "grader", "run", *command, "--out", str(out)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _finished(process: subprocess.Popen[str]) -> str:
    """Wait for a run that nobody disturbs; return its line of progress. Raises RuntimeError if it failed."""
    told, _ = process.communicate(timeout=RUN_S)
    if process.returncode != 0:
        raise RuntimeError(f"grader ended with {process.returncode}:\n{told}")
    return next((line for line in told.splitlines() if " jobs done" in line), "")


def await_stored(process: subprocess.Popen[str], out: Path, count: int) -> bool:
    """Wait until so many jobs are stored; return False if the run ended before."""
    deadline = time.monotonic() + RUN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            process.communicate()
            return False
        if len(_stored(out)) >= count:
            return True
        time.sleep(0.02)
    raise RuntimeError(f"{count} jobs were not stored in {RUN_S:g} s")


def _stored(out: Path) -> Rows:
    path = out / "results.sqlite"
    if not path.exists():
        return {}
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection:
        try:
            rows = connection.execute("SELECT key, saved_at, result FROM jobs").fetchall()
        except sqlite3.OperationalError:  # killed before the first table was there
            return {}
    return {key: (saved_at, result) for key, saved_at, result in rows}


def _kill(process: subprocess.Popen[str]) -> list[int]:
    """Kill the run alone and return those of its processes that are still there some seconds later."""
    family = descendants(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
    return still_running(family)


def still_running(family: Sequence[int]) -> list[int]:
    """Return those of these processes that have not ended within some seconds."""
    deadline = time.monotonic() + GONE_S
    while (left := [pid for pid in family if _is_running(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def descendants(pid: int) -> list[int]:
    """Return the processes below one, as far as they can be seen from here."""
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                parents.setdefault(_stat(int(entry))[1], []).append(int(entry))
    found, todo = [], [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


def _is_running(pid: int) -> bool:
    try:
        return _stat(pid)[0] != "Z"  # reaped by whoever inherits it
    except OSError:
        return False


def _stat(pid: int) -> tuple[str, int]:
    """Return state and parent of a process. Raises OSError if it is gone."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return fields[0], int(fields[1])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
