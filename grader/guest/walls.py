"""The walls of a child by name, and what follows from the names of those that are left out.

All stand unless the person at the keyboard chose a weaker mode, or a test wants to see that a wall is what holds.
"""

from __future__ import annotations

import os
from collections.abc import Set

from grader.guest import libc

NAMESPACES = {
    "mount namespace": libc.CLONE_NEWNS,
    "network namespace": libc.CLONE_NEWNET,
    "ipc namespace": libc.CLONE_NEWIPC,
    "host name namespace": libc.CLONE_NEWUTS,
    "cgroup namespace": libc.CLONE_NEWCGROUP,
}

WALLS = (
    "session", "user namespace", "process namespace", *NAMESPACES, "private root", "scratch folder",
    "resource limits", "capabilities", "no new privileges", "landlock", "system call filter",
)  # fmt: skip

_OF_NAMESPACES = frozenset({"user namespace", "process namespace", "private root", *NAMESPACES})


def namespaces(without: Set[str]) -> int:
    """Return the unshare flags of the fork server's namespaces, besides user and process ids."""
    flags = sum(flag for name, flag in NAMESPACES.items() if name not in without)
    return flags if os.path.exists("/proc/self/ns/cgroup") else flags & ~libc.CLONE_NEWCGROUP


def namespaces_of_a_child(without: Set[str]) -> int:
    """Return the unshare flags of the namespaces that each child makes for itself, besides user and process ids.

    Its network is not among them: the fork server makes that ahead (`Zygote.renew_network`).
    """
    return namespaces(without) & ~libc.CLONE_NEWNET


def has_namespaces(without: Set[str]) -> bool:
    """Tell whether the fork server itself lives in namespaces of its own."""
    return not without >= _OF_NAMESPACES


def mounts_scratch(without: Set[str]) -> bool:
    """Tell whether each child mounts a scratch folder that only it can see."""
    return "scratch folder" not in without and "mount namespace" not in without
