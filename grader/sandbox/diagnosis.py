"""Why a wall of the sandbox cannot be raised on this machine, and what to do about it, in plain words."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

from grader.errors import SandboxError

_NO_EXCEPTION = "Student code is never run without it. "
_WEAKER = "Where nothing of this can be had, `--sandbox=landlock` is a weaker way."


def explain(
    wall: str, number: int, detail: str, *, read: Callable[[str], str | None] | None = None
) -> SandboxError:
    """Return the error for a wall that failed with this errno; `read` gives the text of a file below /proc, or None."""
    cause, fix = _cause_and_fix(wall, number, read or read_proc)
    failed = f"{errno.errorcode[number]}: {detail}" if number in errno.errorcode else detail
    because = f" because {cause}" if cause else ""
    return SandboxError(
        f"sandbox: the wall “{wall}” cannot be raised{because} ({failed}).\n  {_NO_EXCEPTION}{fix}"
    )


def explain_gaps(gaps: dict[str, str]) -> SandboxError:
    """Return the error for walls that were raised, but do not hold when they are tried from inside."""
    found = "; ".join(f"{name}: {problem}" for name, problem in gaps.items())
    return SandboxError(
        f"sandbox: a trial child found walls that do not hold ({found}).\n"
        "  Student code is never run like this. This is a kernel or container that the grader does not know:"
        " run it on a plain Linux machine (kernel 5.13 or later), and report this message."
    )


def explain_no_start(problem: str, output: str) -> SandboxError:
    """Return the error for a fork server that ended before it was ready; `output` is what it printed."""
    last = [line for line in output.strip().splitlines() if line.strip()][-1:]
    said = f" It printed: {last[0]}" if last else ""
    return SandboxError(
        f"sandbox: the fork server did not start: {problem}.{said}\n"
        "  Check that `python -c 'import torch, numpy'` works with the Python that runs the grader."
    )


def read_proc(path: str, *, root: Path = Path("/proc")) -> str | None:
    """Return the text of a file below /proc, such as a kernel setting; None where there is no such file."""
    try:
        return (root / path).read_text().strip()
    except OSError:
        return None


def _cause_and_fix(wall: str, number: int, read: Callable[[str], str | None]) -> tuple[str, str]:
    if wall in ("user namespace", "namespaces", "mount namespace", "process namespace"):
        return _namespace_cause(number, read)
    if wall == "landlock" and number in (errno.ENOSYS, errno.EOPNOTSUPP):
        return (
            "the kernel has no Landlock, or it is switched off",
            "Use Linux 5.13 or later, and add `landlock` to the list of the `lsm=` boot option.",
        )
    if wall == "system call filter":
        return (
            "this machine or its kernel does not support it",
            "Use Linux on x86_64 or aarch64, with a kernel that has seccomp filters (CONFIG_SECCOMP_FILTER).",
        )
    if wall == "resource limits":
        return (
            "the grader itself was started under a lower limit",
            "Lift it before you start the grader: `ulimit -v unlimited; ulimit -d unlimited`.",
        )
    if wall == "drop of root" and number == 0:
        return ("", "Run the grader as an ordinary user, or with a Python that every user may read.")
    if wall == "drop of root":
        return ("root is not allowed to become another user here", "Run the grader as an ordinary user.")
    if wall == "single thread":
        return (
            "a library has started threads of its own",
            "Unset variables that load things into Python, and try again.",
        )
    if wall == "read-only root" and number in (errno.EPERM, errno.EACCES):
        return (
            "mounting is forbidden here",
            "Inside a container, allow it (Docker: `--security-opt seccomp=unconfined"
            " --security-opt apparmor=unconfined`), or run the grader outside the container.",
        )
    return ("", "Try a plain Linux machine with kernel 5.13 or later, and report this message.")


def _namespace_cause(number: int, read: Callable[[str], str | None]) -> tuple[str, str]:
    if read("sys/user/max_user_namespaces") == "0":
        return (
            "user namespaces are switched off (user.max_user_namespaces is 0)",
            f"Switch them on: `sudo sysctl user.max_user_namespaces=15000`. {_WEAKER}",
        )
    if read("sys/kernel/unprivileged_userns_clone") == "0":
        # Root too: its fork servers become nobody before they leave for namespaces of their own.
        return (
            "ordinary users may not make user namespaces (kernel.unprivileged_userns_clone is 0)",
            f"Allow them: `sudo sysctl kernel.unprivileged_userns_clone=1`. {_WEAKER}",
        )
    if read("sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor forbids user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1,"
            " as on Ubuntu 23.10 and later)",
            "Give this Python an AppArmor profile with the line `userns,`, or run"
            f" `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`. {_WEAKER}",
        )
    if number in (errno.ENOSPC, errno.EUSERS):
        return (
            "too many namespaces are in use",
            "Raise the user.max_*_namespaces settings, or end other graders.",
        )
    if number == errno.EINVAL:
        return (
            "the kernel was built without one of the namespaces",
            "Use the kernel of a common Linux distribution.",
        )
    fix = (
        "Docker: `--security-opt seccomp=unconfined` (as root also `--cap-add SYS_ADMIN`), or run the grader"
        f" outside the container. {_WEAKER}"
    )
    if _has_filter(read("self/status")):
        return ("a system call filter forbids new namespaces, as containers set it", fix)
    return ("something forbids new namespaces; in a container, that is its seccomp profile", fix)


def _has_filter(status: str | None) -> bool:
    """Tell from /proc/self/status whether whoever started the grader put it under a filter."""
    return any(line.split() == ["Seccomp:", "2"] for line in (status or "").splitlines())
