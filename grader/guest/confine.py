"""What a child does to itself before any student code: namespaces, scratch, limits, landlock, filter."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.guest import landlock, libc, root

INBOX = 3
OUTBOX = 4
_RULESET = 5
_FAILURE = 6

_FIRST_FREE = 40
_MB = 1 << 20
_CPU_GRACE_S = 2
_FILE_MB = 64


@dataclass(frozen=True)
class Walls:
    """What the fork server prepares once for all its children: fds stay open in the server only.

    Walls of `without` stay down. Threads can be limited only where a user namespace counts them: elsewhere all
    programs of the same user would count.
    """

    null: int
    ruleset: int
    program: bytes
    namespaces: int
    address_space: int
    scratch: str
    mounts_scratch: bool = True
    limits_threads: bool = True
    without: frozenset[str] = frozenset()


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
    Should a wall fail, its name and errno are written to the `failure` pipe. Raises OSError,
    or ValueError for a limit that may not be raised so far.
    """
    clock, spent = time.perf_counter, {}
    started = clock()
    _keep_only(walls.null, job.log, job.log, job.inbox, job.outbox, walls.ruleset, failure)
    try:
        before = clock()
        for name, raise_wall in _steps(job, walls):
            raise_wall()
            after = clock()
            spent[name] = 1e3 * (after - before)
            before = after
    except (OSError, ValueError) as error:
        number, text = (error.errno, error.strerror) if isinstance(error, OSError) else (errno.EPERM, error)
        os.write(_FAILURE, f"{name}\n{number}\n{text}".encode()[:1000])
        raise
    libc.close_from(_RULESET)
    spent["all"] = 1e3 * (clock() - started)
    return spent


def _steps(job: Job, walls: Walls) -> list[tuple[str, Callable[[], object]]]:
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        # A group of its own, in the fork server's session, which has no terminal: a signal to the group stays in it.
        # A new session would do no more, and takes up to 2 ms where the kernel schedules by session.
        ("session", lambda: os.setpgid(0, 0)),
        ("end with the server", lambda: _end_with_the_server(walls)),
        ("namespaces", lambda: libc.unshare(walls.namespaces)),
        ("scratch folder", lambda: _enter_scratch(job, walls)),
        ("user namespace", lambda: libc.unshare(libc.CLONE_NEWUSER)),
        ("resource limits", lambda: _limit(job, walls)),
        ("capabilities", libc.drop_capabilities),
        ("no new privileges", lambda: libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)),
        ("landlock", lambda: landlock.restrict_self(_RULESET)),
        ("system call filter", lambda: libc.load_filter(walls.program)),
    )
    return [step for step in steps if step[0] == "scratch folder" or step[0] not in walls.without]


def _end_with_the_server(walls: Walls) -> None:
    # A process namespace ends with its first process, whose parent is outside; without one, a signal has to do.
    if "process namespace" in walls.without:
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)


def _enter_scratch(job: Job, walls: Walls) -> None:
    if walls.mounts_scratch:
        root.mount_scratch(walls.scratch, job.scratch_mb)
    else:
        os.chdir(walls.scratch)


def _keep_only(*fds: int) -> None:
    """Move these files to 0, 1, 2, …, by way of numbers that none of them has yet; close all others."""
    parked = [fcntl.fcntl(fd, fcntl.F_DUPFD, _FIRST_FREE) for fd in fds]
    for number, fd in enumerate(parked):
        os.dup2(fd, number)
    libc.close_from(len(parked))


def limit_alike() -> None:
    """Set the limits that are the same for every child, once, in the fork server. Raises OSError."""
    limits: Sequence[tuple[int, int]] = (
        (resource.RLIMIT_STACK, 8 * _MB),
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
        allowed = resource.getrlimit(kind)[1]
        lower = value if allowed == resource.RLIM_INFINITY else min(value, allowed)
        resource.setrlimit(kind, (lower, lower))


def _limit(job: Job, walls: Walls) -> None:
    cpu_s = int(job.job_s) + 1 + _CPU_GRACE_S
    memory = walls.address_space + job.memory_mb * _MB
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    if walls.limits_threads:
        resource.setrlimit(resource.RLIMIT_NPROC, (job.threads, job.threads))
    # Process 1 of its namespace ignores the signal of the soft limit; the hard one kills.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
