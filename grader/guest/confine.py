"""What a child does to itself before any student code: namespaces, scratch, limits, landlock, filter."""

from __future__ import annotations

import fcntl
import os
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass

from grader.guest import landlock, libc, root
from grader.guest.libc import WallError, wall

INBOX = 3
OUTBOX = 4
_RULESET = 5
_FAILURE = 6

_FIRST_FREE = 100
_MB = 1 << 20
_CPU_GRACE_S = 2
_FILE_MB = 64


@dataclass(frozen=True)
class Walls:
    """What the fork server prepares once for all its children: fds stay open in the server only."""

    null: int
    ruleset: int
    program: bytes
    namespaces: int
    address_space: int


@dataclass(frozen=True)
class Job:
    """One job's limits, and the ends of its pipes: `inbox` to read, `outbox` and `log` to write."""

    number: int
    job_s: float
    memory_mb: int
    scratch_mb: int
    threads: int
    inbox: int
    outbox: int
    log: int


def confine(job: Job, walls: Walls, failure: int) -> dict[str, float]:
    """Raise every wall around this process, for good; return the milliseconds of each.

    Afterwards 0 is /dev/null, 1 and 2 are the log, 3 the inbox, 4 the outbox, and no other file is open.
    Should a wall fail, its WallError is also written to the `failure` pipe.
    """
    clock, spent = time.perf_counter, {}
    started = clock()
    _keep_only(walls.null, job.log, job.log, job.inbox, job.outbox, walls.ruleset, failure)
    try:
        for name, raise_wall in (
            ("session", os.setsid),
            ("namespaces", lambda: libc.unshare(walls.namespaces)),
            ("scratch folder", lambda: root.mount_scratch(job.scratch_mb)),
            ("user namespace", lambda: libc.unshare(libc.CLONE_NEWUSER)),
            ("resource limits", lambda: _limit(job, walls.address_space)),
            ("capabilities", libc.drop_capabilities),
            ("no new privileges", lambda: libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)),
            ("landlock", lambda: landlock.restrict_self(_RULESET)),
            ("system call filter", lambda: libc.load_filter(walls.program)),
        ):
            before = clock()
            with wall(name):
                raise_wall()
            spent[name] = 1e3 * (clock() - before)
    except WallError as error:
        os.write(_FAILURE, f"{error.wall}\n{error.number}\n{error.detail}".encode()[:1000])
        raise
    libc.close_from(_RULESET)
    spent["all"] = 1e3 * (clock() - started)
    return spent


def _keep_only(*fds: int) -> None:
    """Move these files to 0, 1, 2, …, by way of numbers that none of them has yet; close all others."""
    parked = [fcntl.fcntl(fd, fcntl.F_DUPFD, _FIRST_FREE) for fd in fds]
    for number, fd in enumerate(parked):
        os.dup2(fd, number)
    libc.close_from(len(parked))


def _limit(job: Job, address_space: int) -> None:
    cpu_s = int(job.job_s) + 1 + _CPU_GRACE_S
    memory = address_space + job.memory_mb * _MB
    limits: Sequence[tuple[int, int]] = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_STACK, 8 * _MB),
        (resource.RLIMIT_NPROC, job.threads),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_FSIZE, _FILE_MB * _MB),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 64),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
    )
    for kind, value in limits:
        resource.setrlimit(kind, (value, value))
    # Process 1 of its namespace ignores the signal of the soft limit; the hard one kills.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
