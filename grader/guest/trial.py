"""Looks at the walls from inside, in a confined child, and says which of them do not stand as they should."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
from collections.abc import Callable, Set
from typing import NamedTuple

from grader.guest import libc, walls


class _Probe(NamedTuple):
    name: str
    holders: frozenset[str]
    """Walls that hold it, each alone; none: it has to hold always."""
    problem: Callable[[], str]


def find_gaps(scratch: str, server_uid: int, without: Set[str], *, prove: bool) -> dict[str, str]:
    """Return what is tried → what was wrong; empty where every wall stands but those of `without`.

    With `prove`, what only those hold must be let through: else a test of the wall would show nothing.
    """
    gaps: dict[str, str] = {}
    for probe in _probes(scratch, server_uid, without):
        problem = probe.problem()
        if not probe.holders or not probe.holders <= without:
            if problem:
                gaps[probe.name] = problem
        elif prove and not problem:
            gaps[probe.name] = f"holds without {' and '.join(sorted(probe.holders))}"
    return gaps


def _probes(scratch: str, server_uid: int, without: Set[str]) -> list[_Probe]:
    def probe(name: str, holders: set[str], problem: Callable[[], str]) -> _Probe:
        return _Probe(name, frozenset(holders), problem)

    lies_outside = errno.EACCES if "private root" in without else errno.ENOENT
    place, refusal = ("/job", errno.EROFS) if walls.has_namespaces(without) else ("/", errno.EACCES)
    return [
        probe("session", {"session"}, lambda: _differs(os.getpgid(0), os.getpid())),
        probe("no new privileges", {"no new privileges"}, _privilege_problem),
        probe("system call filter", {"system call filter"}, _filter_problem),
        probe("capabilities", {"capabilities"}, lambda: _differs(libc.effective_capabilities(), 0)),
        probe("process namespace", {"process namespace"}, lambda: _differs(os.getpid(), 1)),
        probe("user namespace", {"user namespace"}, lambda: _differs(os.getuid() != server_uid, True)),
        probe("no root", set(), lambda: _differs(0 in (os.getuid(), os.geteuid()), False)),
        probe("host name", {"host name namespace"}, lambda: _differs(os.uname().nodename, "sandbox")),
        probe("open files", set(), lambda: _differs(_open_files(), [0, 1, 2, 3, 4])),
        probe("sockets", {"system call filter"}, lambda: _let_through(_make_socket, errno.EPERM)),
        probe("new processes", {"system call filter"}, lambda: _let_through(_fork, errno.EPERM)),
        probe(
            "files of the machine",
            {"private root", "landlock"},
            lambda: _let_through(lambda: os.close(os.open("/etc/passwd", os.O_RDONLY)), lies_outside),
        ),
        probe("landlock", {"landlock"}, lambda: _let_through(lambda: os.listdir("/"), errno.EACCES)),
        probe(
            "no /proc",
            {"private root"},
            lambda: _let_through(lambda: os.stat("/proc/self"), errno.ENOENT),
        ),
        probe("read-only root", set(), lambda: _let_through(lambda: os.mkdir(f"{place}/x"), refusal)),
        probe("scratch folder", set(), lambda: _scratch_problem(scratch)),
        probe("threads", set(), _thread_problem),
        probe("autograd guard", set(), _guard_problem),
    ]


def _differs(actual: object, expected: object) -> str:
    return "" if actual == expected else f"found {actual}, expected {expected}"


def _privilege_problem() -> str:
    return _differs(libc.prctl(libc.PR_GET_NO_NEW_PRIVS), 1)


def _filter_problem() -> str:
    return _differs(libc.prctl(libc.PR_GET_SECCOMP), libc.SECCOMP_MODE_FILTER)


def _let_through(attempt: Callable[[], object], number: int) -> str:
    try:
        attempt()
    except OSError as error:
        return (
            "" if error.errno == number else f"refused with {error.strerror}, expected {os.strerror(number)}"
        )
    return "let through"


def _make_socket() -> None:
    socket.socket(socket.AF_UNIX).close()


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _open_files() -> list[int]:
    found = []
    for fd in range(64):
        try:
            os.fstat(fd)
        except OSError:
            continue
        found.append(fd)
    return found


def _scratch_problem(scratch: str) -> str:
    try:
        with open(f"{scratch}/trial", "wb") as file:
            file.write(b"x")
        os.unlink(f"{scratch}/trial")
    except OSError as error:
        return f"not writable: {error.strerror}"
    return ""


def _thread_problem() -> str:
    try:
        thread = threading.Thread(target=len, args=("",))
        thread.start()
        thread.join()
    except RuntimeError as error:
        return f"no thread can start: {error}"
    return ""


def _guard_problem() -> str:
    """Shut autograd and ask for a gradient: a torch that the guard does not fit must not be found out by a student."""
    torch, guard = sys.modules.get("torch"), sys.modules.get("grader.guest.guard")
    if torch is None or guard is None:
        return ""  # a server without either: a test's, or a control's
    x = torch.ones(1, requires_grad=True)
    square = (x * x).sum()
    try:
        guard.shut_autograd()
        square.backward()
    except guard.AutogradRefused:
        return ""
    except guard.GuardError as error:
        return str(error)
    return "a gradient was computed"
