"""What the walls cost: a walled child against a bare fork of the same server, both doing the same work.

    python -m benchmarks.child_cost [--rounds 60]

The work is a convolution and 1 MiB back. The two kinds take turns in one fork server: whatever slows the machine
slows both; times are medians, from before the fork until the child is reaped. The parts are what a walled child spends
on itself; what is left over the kernel spends at the end of a child, taking its namespaces down.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import grader.guest
from grader.guest import __main__ as boot
from grader.guest import confine, huge_pages, root, warmup
from grader.guest.confine import Job, Walls
from grader.guest.zygote import Zygote

ROOT = Path(__file__).parents[1]
ANSWER = 1 << 20
LIMIT = 1.25


def main() -> None:
    """Measure in a fork server of its own, print one table; exit 1 if a child costs more than the limit."""
    options = _options()
    if options.serve:
        _serve(options.rounds)
        return
    # A fork server has one thread, and libraries that have not been used yet.
    command = [sys.executable, "-m", "benchmarks.child_cost", "--serve", "--rounds", str(options.rounds)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    found = json.loads(
        subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    )
    sys.exit(show(found))


def show(found: dict[str, Any]) -> int:
    """Print the table; return the exit code."""
    bare, walled = (statistics.median(found[kind]) for kind in ("bare", "walled"))
    ratio = statistics.median(w / b for w, b in zip(found["walled"], found["bare"], strict=True))
    print(f"{'bare fork, work, reaped':32}{bare:8.2f} ms")
    print(f"{'walled child, work, reaped':32}{walled:8.2f} ms")
    for name, times in found["parts"].items():
        print(f"    {name:28}{statistics.median(times):8.3f} ms")
    print(f"{'network made ahead, not waited for':34}{statistics.median(found['ahead']):6.3f} ms")
    bare_cpu, walled_cpu = (statistics.median(found[kind]) for kind in ("bare_cpu", "walled_cpu"))
    print(f"{'their CPU time, bare and walled':32}{bare_cpu:8.2f} ms {walled_cpu:8.2f} ms")
    print(f"{'ratio of medians':32}{walled / bare:8.2f}")
    print(f"{'median of ratios':32}{ratio:8.2f}   (limit {LIMIT})")
    return 0 if walled / bare <= LIMIT else 1


def _serve(rounds: int) -> None:
    """Become a fork server with all walls, and time its children."""
    control, _host = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    import torch

    libraries = [os.path.dirname(os.path.dirname(torch.__file__))]
    plan = root.plan_root(os.path.dirname(grader.guest.__file__), libraries, [str(ROOT / "grader")])
    root.enter(plan)
    warmup.warm_up()
    image, kernel = torch.randn(1, 16, 32, 32), torch.randn(32, 16, 3, 3)
    torch.conv2d(image, kernel)
    size = warmup.address_space()
    huge_pages.gather()
    walls = boot._prepare(plan, os.uname().machine, size, root.SCRATCH, frozenset())
    zygote = Zygote(control, walls)
    answer = bytes(ANSWER)

    def work(outbox: int) -> None:
        torch.conv2d(image, kernel)
        view = memoryview(answer)
        while view:
            view = view[os.write(outbox, view) :]

    times: dict[str, Any] = {
        "bare": [],
        "walled": [],
        "bare_cpu": [],
        "walled_cpu": [],
        "ahead": [],
        "parts": {},
    }
    for turn in range(rounds + 5):
        ahead = time.perf_counter()
        zygote.renew_network()
        ahead = 1e3 * (time.perf_counter() - ahead)
        bare, bare_cpu = _bare(work)
        walled, walled_cpu, parts = _walled(zygote, walls, work)
        if turn >= 5:
            times["bare"].append(bare)
            times["bare_cpu"].append(bare_cpu)
            times["walled"].append(walled)
            times["walled_cpu"].append(walled_cpu)
            times["ahead"].append(ahead)
            for name, spent in parts.items():
                times["parts"].setdefault(name, []).append(spent)
    print(json.dumps(times), flush=True)
    os._exit(0)


def _bare(work: Any) -> tuple[float, float]:
    reader, writer = _pipe()
    started = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        work(writer)
        os._exit(0)
    os.close(writer)
    _drain(reader)
    _, _, usage = os.wait4(pid, 0)
    return 1e3 * (time.perf_counter() - started), 1e3 * (usage.ru_utime + usage.ru_stime)


def _walled(zygote: Zygote, walls: Walls, work: Any) -> tuple[float, float, dict[str, float]]:
    reader, writer = _pipe()
    log_reader, log = os.pipe()
    failure, to_server = os.pipe()
    job = Job(1, 60.0, 2048, 64, 32, inbox=walls.null, outbox=writer, log=log)
    clock = time.monotonic()
    started = time.perf_counter()
    pid = zygote._fork()
    if pid == 0:
        spent = zygote._confine(job, to_server)
        work(confine.OUTBOX)
        os.write(1, json.dumps(spent).encode())
        os._exit(0)
    forked = time.perf_counter()
    # The pipe holds the whole answer: the child never waits for this side.
    report = zygote._supervise(pid, job, clock, (writer, log, to_server), failure)
    wall = 1e3 * (time.perf_counter() - started)
    _drain(reader)
    with open(log_reader, "rb") as stream:
        parts = json.loads(stream.read())
    return wall, 1e3 * report["cpu_s"], {"fork": 1e3 * (forked - started), **parts}


def _pipe() -> tuple[int, int]:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, ANSWER)
    return reader, writer


def _drain(reader: int) -> None:
    with open(reader, "rb") as stream:
        assert len(stream.read()) == ANSWER


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
