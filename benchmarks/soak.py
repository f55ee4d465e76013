"""Thousands of jobs, every tenth hostile: what is left of each in memory, descriptors, processes and mounts.

    python -m benchmarks.soak [--jobs 5000] [--every 500] [--workers 2] [--shared]

Prints a line each `--every` jobs, when nothing is under way. Ends with 1 if there is more of anything at the end than
at the start, if memory grew or the pace fell by more than a tenth, or if a job was an internal error. On a machine
that others use, `--shared` judges the pace by the processor time of a job instead.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import os
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

from benchmarks.kill_resume import descendants
from grader.errors import GraderError
from grader.executors import MAX_JOBS_PER_SERVER, LocalPool
from grader.marking import mark
from grader.models.result import Status
from grader.models.rubric import Limits, Question
from grader.models.submission import SourceFile, Submission
from grader.plan import QuestionPlan
from grader.probing.observe import observe_submission
from grader.probing.reference import prepare
from grader.rubric.rubric_file import load_exam

ROOT = Path(__file__).parents[1]
EXAM = "snu_2021_midterm"
QUESTION = "q1"
HOSTILE_EVERY = 10
LIMITS = Limits(call_s=0.5, job_s=2.0, memory_mb=512)
MAX_MORE = 1.10

HOSTILE = {
    "crash": b"import ctypes\nctypes.string_at(0)\n",
    "abort": b"import os\nos.abort()\n",
    "hang": b"while True:\n    pass\n",
    "memory": b"hoard = []\nwhile True:\n    hoard.append(bytearray(1 << 24))\n",
    "flood": b"import os\nfor _ in range(400):\n    os.write(1, b'x' * (1 << 16))\nraise SystemExit\n",
    "forks": b"import os\nwhile True:\n    os.fork()\n",
    "threads": b"import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(60,)).start()\n",
    "files": b"import itertools\nkept = [open(f'{n}.txt', 'w') for n in itertools.count()]\n",
}
RIGHT = (Status.PASSED,)
STOPPED = (Status.ERROR, Status.TIMEOUT, Status.MEMORY, Status.INVALID, Status.VIOLATION)


@dataclass(frozen=True)
class Sample:
    """What was there while no job was under way; pace and processor time a job, since the last one. Memory is in MB."""

    jobs: int
    own_mb: float
    servers_mb: float
    descriptors: int
    processes: int
    zombies: int
    mounts: int
    jobs_per_s: float
    cpu_ms: float


def main() -> int:
    """Run the jobs in blocks; print and judge."""
    options = _options()
    exam = load_exam(ROOT / "rubrics" / EXAM, reference_root=ROOT / "reference")
    question = next(q for q in exam.questions if q.question == QUESTION)
    samples, surprises = [], Counter[str]()
    with LocalPool(options.workers) as pool:
        plan = dataclasses.replace(pool.submit(prepare, exam, question).result(), limits=LIMITS)
        _run(pool, plan, question, range(40), Counter())  # the first jobs of a server are dearer
        print(" ".join(f"{field.name:>11}" for field in dataclasses.fields(Sample)))
        for start in range(0, options.jobs, options.every):
            block = range(start, min(start + options.every, options.jobs))
            started, cpu_s = time.perf_counter(), _cpu_s()
            _run(pool, plan, question, block, surprises)
            wall_s, cpu_s = time.perf_counter() - started, _cpu_s() - cpu_s
            samples.append(_sample(block.stop, len(block) / wall_s, 1e3 * cpu_s / len(block)))
            print(" ".join(f"{_shown(value):>11}" for value in dataclasses.astuple(samples[-1])), flush=True)
    for surprise, count in surprises.items():
        print(f"{count} × {surprise}")
    changes = list(_changes(samples, options.workers, options.shared))
    print("\n".join(changes) if changes else "flat")
    return 1 if changes or surprises else 0


def _run(
    pool: LocalPool, plan: QuestionPlan, question: Question, numbers: range, surprises: Counter[str]
) -> None:
    """Grade one submission a number, and note each that did not end as its kind has to."""
    running = []
    for number in numbers:
        kind, submission = _submission(number)
        running.append((kind, submission, pool.submit(observe_submission, [plan], submission)))
    for kind, submission, future in running:
        try:
            result = mark(plan, question, submission, future.result()[plan.question])
        except GraderError as error:
            surprises[f"{kind}: internal error: {error}"] += 1
            continue
        statuses = {part.status for part in result.parts}
        if not statuses <= set(STOPPED if kind in HOSTILE else RIGHT):
            surprises[f"{kind}: {', '.join(sorted(statuses))}"] += 1


def _submission(number: int) -> tuple[str, Submission]:
    """Return the kind (`right` or a hostile one) and the submission; no two have the same text."""
    if number % HOSTILE_EVERY == HOSTILE_EVERY - 1:
        kind, content = list(HOSTILE.items())[number // HOSTILE_EVERY % len(HOSTILE)]
    else:
        right = sorted((ROOT / "tests" / "answers" / EXAM / "right" / QUESTION).glob("*.py"))
        kind, content = "right", right[number % len(right)].read_bytes()
    content += f"# {number}\n".encode()
    file = SourceFile(name=f"{QUESTION}.py", content=content, sha256=hashlib.sha256(content).hexdigest())
    return kind, Submission(exam=EXAM, name=f"student_{number:05}", files=(file,))


def _sample(jobs: int, jobs_per_s: float, cpu_ms: float) -> Sample:
    family = descendants(os.getpid())
    return Sample(
        jobs=jobs,
        own_mb=_memory_mb(os.getpid()),
        servers_mb=sum(_memory_mb(pid) for pid in family),
        descriptors=len(os.listdir("/proc/self/fd")),
        processes=len(family),
        zombies=sum(_is_zombie(pid) for pid in family),
        mounts=sum(_count_mounts(pid) for pid in (os.getpid(), *family)),
        jobs_per_s=jobs_per_s,
        cpu_ms=cpu_ms,
    )


def _memory_mb(pid: int) -> float:
    """Return a process's share of its memory in MB; 0 if it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _count_mounts(pid: int) -> int:
    try:
        return len(Path(f"/proc/{pid}/mountinfo").read_text().splitlines())
    except OSError:
        return 0


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def _changes(samples: list[Sample], workers: int, by_cpu_time: bool) -> Iterator[str]:
    """Say what is more at the end than it was at the start, or slower, a line each.

    What fluctuates is compared as means over a server's life: a block in which servers are replaced is slow by itself.
    """
    life = max(1, min(len(samples) // 2, round(MAX_JOBS_PER_SERVER * workers / samples[0].jobs)))
    first, last = samples[:life], samples[-life:]
    for name in ("own_mb", "servers_mb", *(("cpu_ms",) if by_cpu_time else ())):
        before, after = (statistics.mean(getattr(sample, name) for sample in part) for part in (first, last))
        if after > before * MAX_MORE:
            yield f"grew: {name} from {before:.1f} to {after:.1f}"
    for name in ("descriptors", "processes", "zombies", "mounts"):
        before, after = getattr(first[0], name), getattr(last[-1], name)
        if after > before:
            yield f"grew: {name} from {before} to {after}"
    before, after = (
        statistics.harmonic_mean([sample.jobs_per_s for sample in part]) for part in (first, last)
    )
    if not by_cpu_time and after * MAX_MORE < before:
        yield f"slower: {before:.1f} jobs a second at first, {after:.1f} at last"


def _cpu_s() -> float:
    """Return the processor time of this process, of those below it, and of all of them that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time()
    below = sum(_cpu_ticks(pid) for pid in descendants(os.getpid()))
    return own + ended.ru_utime + ended.ru_stime + below / os.sysconf("SC_CLK_TCK")


def _cpu_ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(ticks) for ticks in fields[11:15])  # utime, stime, and those of ended children


def _shown(value: float) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--shared", action="store_true", help="Others use this machine too.")
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
