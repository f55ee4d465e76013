"""A control group for each fork server, where one can be had: the kernel's own limit on memory and on processes.

It stands behind the address-space limit, which holds everywhere. Only groups that this process may divide are used: the
machine's own when root runs the grader, or one that was delegated; a group that something else keeps (systemd, a
container engine, a batch system) is left alone.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from grader.sandbox import leftovers

_MB = 1 << 20
_REMOVE_S = 1.0
_OURS = frozenset({"memory", "pids"})


@dataclass(frozen=True)
class Place:
    """A folder of the control-group file system in which groups may be made, and what they would rule."""

    folder: Path
    version: int
    controllers: frozenset[str]


class ControlGroup:
    """The groups of one fork server, one in each place."""

    def __init__(self, groups: Mapping[Path, Place]) -> None:
        """Take over folders that are there; use `make`."""
        self._groups = dict(groups)
        self._limits: tuple[int, int] | None = None

    @classmethod
    def make(cls, places: Sequence[Place]) -> Self | None:
        """Make the groups of a new fork server, None where the machine will not have it.

        Groups of runs that were killed are removed first.
        """
        name, made = leftovers.new_name(), {}
        for place in places:
            for old in leftovers.stale(place.folder):
                _remove(old, within_s=0)
            with contextlib.suppress(OSError):
                (place.folder / name).mkdir()
                made[place.folder / name] = place
        return cls(made) if made else None

    @property
    def description(self) -> str:
        """What is ruled, and by which version: `memory (v1), pids (v1)`."""
        return ", ".join(sorted(f"{c} (v{p.version})" for p in self._groups.values() for c in p.controllers))

    def add(self, pid: int) -> None:
        """Move a process in, before it has children; a group that will not have it is given up."""
        for folder in list(self._groups):
            try:
                (folder / "cgroup.procs").write_text(str(pid))
            except OSError:
                del self._groups[folder]
                _remove(folder, within_s=0)

    def limit(self, *, memory_mb: int, processes: int) -> None:
        """Set what the server and its child together may have: MiB of real memory, no swap; and processes."""
        if self._limits == (memory_mb, processes):
            return
        self._limits = (memory_mb, processes)
        for folder, place in self._groups.items():
            for name, value in _settings(place, memory_mb * _MB, processes):
                with contextlib.suppress(OSError):  # version 1 may be built without the limit on swap
                    (folder / name).write_text(value)

    def remove(self) -> None:
        """Remove the groups; their processes must have been killed."""
        for folder in self._groups:
            _remove(folder, within_s=_REMOVE_S)
        self._groups.clear()


def find_places(own_groups: str | None = None, root: Path = Path("/sys/fs/cgroup")) -> tuple[Place, ...]:
    """Return where this process may make groups; `own_groups` is the text of /proc/self/cgroup."""
    if own_groups is None:
        try:
            own_groups = Path("/proc/self/cgroup").read_text()
        except OSError:
            return ()
    found = (
        _place(root, *line.split(":", 2)[1:]) for line in own_groups.splitlines() if line.count(":") >= 2
    )
    return tuple(place for place in found if place is not None and place.controllers)


def _place(root: Path, names: str, path: str) -> Place | None:
    try:
        if names:
            version, folder, controllers = 1, root / names / path[1:], names.split(",")
        else:
            top = root / "unified" if (root / "unified").is_dir() else root
            version, folder = 2, top / path[1:]
            controllers = (folder / "cgroup.subtree_control").read_text().split()
        if not (os.access(folder, os.W_OK) and (path == "/" or _is_delegated(folder))):
            return None
    except OSError:
        return None
    return Place(folder, version, _OURS & frozenset(controllers))


def _is_delegated(folder: Path) -> bool:
    if os.geteuid() != 0:
        return folder.stat().st_uid == os.geteuid()
    with contextlib.suppress(OSError):
        return os.getxattr(folder, "trusted.delegate") == b"1"
    return False


def _settings(place: Place, memory: int, processes: int) -> list[tuple[str, str]]:
    """Return file → text, in their order."""
    settings = []
    if "memory" in place.controllers and place.version == 1:
        # Neither limit may pass the other, whichever way they move.
        limit, with_swap = "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"
        settings += [(name, str(memory)) for name in (limit, with_swap, limit)]
    elif "memory" in place.controllers:
        settings += [("memory.max", str(memory)), ("memory.swap.max", "0")]
    if "pids" in place.controllers:
        settings.append(("pids.max", str(processes)))
    return settings


def _remove(folder: Path, *, within_s: float) -> None:
    """Remove a group; a process that was killed may need a moment to leave it."""
    until = time.monotonic() + within_s
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            if time.monotonic() >= until:
                return  # the next run finds it
            time.sleep(0.002)
        else:
            return
