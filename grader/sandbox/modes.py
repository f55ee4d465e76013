"""How strong a sandbox is wanted: the walls that each mode leaves out. A person chooses it, never the grader."""

from __future__ import annotations

from collections.abc import Set
from typing import Literal, TypeAlias, get_args

SandboxMode: TypeAlias = Literal["namespaces", "landlock", "none"]

MODES: tuple[SandboxMode, ...] = get_args(SandboxMode)

_NAMESPACES = frozenset(
    {
        "user namespace",
        "process namespace",
        "mount namespace",
        "network namespace",
        "ipc namespace",
        "host name namespace",
        "cgroup namespace",
        "private root",
        "scratch folder",
    }
)

LEFT_OUT: dict[SandboxMode, frozenset[str]] = {
    "namespaces": frozenset(),
    "landlock": _NAMESPACES,
    "none": _NAMESPACES | {"landlock", "system call filter"},
}
"""The walls of `ServerInfo.walls` that a mode does without."""

WARNINGS: dict[str, str] = {
    "namespaces": "",
    "landlock": (
        "weaker sandbox (--sandbox=landlock): no namespaces; student code may learn more about this machine,"
        " and may fill its temporary folder"
    ),
    "none": (
        "NO SANDBOX (--sandbox=none): student code can read your files, use the network and change these marks"
    ),
}
"""What the head of every report says of a mode."""


def has_no_namespaces(without: Set[str]) -> bool:
    """Tell whether a fork server without these walls lives among the machine's own files and processes."""
    return without | {"scratch folder"} >= _NAMESPACES
