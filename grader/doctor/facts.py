"""What this machine is, and what on it allows or forbids the walls: read from the kernel's own files."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable
from pathlib import Path

from pydantic import Field

from grader.models.base import Model
from grader.sandbox.memory import machine_memory_mb

SETTINGS = (
    "user/max_user_namespaces",
    "kernel/unprivileged_userns_clone",
    "kernel/apparmor_restrict_unprivileged_userns",
    "kernel/io_uring_disabled",
    "kernel/yama/ptrace_scope",
)
"""Below /proc/sys; most of them exist on some distributions only."""


class MachineFacts(Model):
    """One machine. A setting that it does not have is None."""

    system: str = Field(description="`Linux 6.8.0`.")
    arch: str
    uid: int
    settings: dict[str, str | None]
    security_modules: tuple[str, ...] = Field(
        description="As the kernel lists them; empty if it does not say."
    )
    seccomp_actions: tuple[str, ...]
    cgroup: str = Field(description="`v2`, `v1` or `none`.")
    cores: int = Field(description="Cores that this process may use.")
    memory_mb: int = Field(
        description="Memory of the machine, or what its container may have if that is less."
    )
    swap_mb: int


def gather(read: Callable[[str], str | None] | None = None) -> MachineFacts:
    """Look at this machine; `read` gives the text of a file, None where there is none."""
    read = read or read_file
    return MachineFacts(
        system=f"{platform.system()} {platform.release()}",
        arch=platform.machine(),
        uid=os.getuid(),
        settings={name: read(f"/proc/sys/{name}") for name in SETTINGS},
        security_modules=tuple(filter(None, (read("/sys/kernel/security/lsm") or "").split(","))),
        seccomp_actions=tuple((read("/proc/sys/kernel/seccomp/actions_avail") or "").split()),
        cgroup=_cgroup(read),
        cores=len(os.sched_getaffinity(0)),
        memory_mb=machine_memory_mb(),
        swap_mb=_swap_mb(read("/proc/meminfo") or ""),
    )


def read_file(path: str) -> str | None:
    """Return a file's text without the white space around it, None where it cannot be read."""
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None


def _swap_mb(text: str) -> int:
    found = re.search(r"^SwapTotal:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) >> 10 if found else 0


def _cgroup(read: Callable[[str], str | None]) -> str:
    if read("/sys/fs/cgroup/cgroup.controllers") is not None:
        return "v2"
    return "v1" if ":memory:" in (read("/proc/self/cgroup") or "") else "none"
