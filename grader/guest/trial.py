"""Looks at the walls from inside, in a confined child, and says which of them do not stand."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable

from grader.guest import libc, root


def find_gaps() -> dict[str, str]:
    """Return wall → what was wrong, for each wall that does not hold; empty where all stand."""
    gaps: dict[str, str] = {}
    for name, problem in (
        ("no new privileges", _differs(libc.prctl(libc.PR_GET_NO_NEW_PRIVS), 1)),
        ("system call filter", _differs(libc.prctl(libc.PR_GET_SECCOMP), libc.SECCOMP_MODE_FILTER)),
        ("capabilities", _differs(libc.effective_capabilities(), 0)),
        ("process namespace", _differs(os.getpid(), 1)),
        ("user namespace", _differs(os.getuid() != 0 and os.geteuid() != 0, True)),
        ("open files", _differs(_open_files(), [0, 1, 2, 3, 4])),
        ("sockets", _is_let_through(lambda: socket.socket(socket.AF_UNIX), errno.EPERM)),
        ("new processes", _is_let_through(_fork, errno.EPERM)),
        ("files of the machine", _is_let_through(lambda: os.open("/etc/passwd", os.O_RDONLY), errno.ENOENT)),
        ("landlock", _is_let_through(lambda: os.listdir("/"), errno.EACCES)),
        ("no /proc", _is_let_through(lambda: os.stat("/proc/self"), errno.ENOENT)),
        ("read-only root", _is_let_through(lambda: os.mkdir("/job/x"), errno.EROFS)),
        ("scratch folder", _scratch_problem()),
        ("threads", _thread_problem()),
    ):
        if problem:
            gaps[name] = problem
    return gaps


def _differs(actual: object, expected: object) -> str:
    return "" if actual == expected else f"found {actual}, expected {expected}"


def _is_let_through(attempt: Callable[[], object], number: int) -> str:
    try:
        attempt()
    except OSError as error:
        return (
            "" if error.errno == number else f"refused with {error.strerror}, expected {os.strerror(number)}"
        )
    return "let through"


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _open_files() -> list[int]:
    found = []
    for fd in range(64):
        try:
            os.fstat(fd)
        except OSError:
            continue
        found.append(fd)
    return found


def _scratch_problem() -> str:
    try:
        with open(f"{root.SCRATCH}/trial", "wb") as file:
            file.write(b"x")
        os.unlink(f"{root.SCRATCH}/trial")
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
