"""Whether the machine has the memory for what its fork servers may use at once."""

from __future__ import annotations

import math
from pathlib import Path

from pydantic import Field

from grader.models.base import Model

_KEPT_FREE_MB = 512


class MemoryFit(Model):
    """What fork servers may use at most, against what there is; MiB."""

    servers: int
    each_mb: int = Field(description="Most that one server and its child may use.")
    machine_mb: int = Field(
        description="Memory of this machine, or of the control group that the grader is in."
    )

    @property
    def needed_mb(self) -> int:
        """Most that all of them may use."""
        return self.servers * self.each_mb

    @property
    def is_enough(self) -> bool:
        """Whether all of them fit, with a little left for the rest of the machine."""
        return self.needed_mb + _KEPT_FREE_MB <= self.machine_mb

    @property
    def most_servers(self) -> int:
        """How many would fit, at least 1."""
        return max(1, (self.machine_mb - _KEPT_FREE_MB) // self.each_mb)

    @property
    def message(self) -> str:
        """One sentence: that they fit, or what to do."""
        numbers = f"{self.servers} × {self.each_mb} MB = {self.needed_mb} MB of {self.machine_mb} MB"
        if self.is_enough:
            return f"memory: the fork servers fit ({numbers})"
        return f"memory: the fork servers may not fit ({numbers}); grade with --jobs {self.most_servers}"


def check_memory(servers: int, *, base_mb: float, limit_mb: int, machine_mb: int | None = None) -> MemoryFit:
    """Return whether `servers` fork servers fit the machine, each with a child at its limit.

    `base_mb` is `ServerInfo.base_mb`, `limit_mb` the largest `memory_mb` of any question.
    """
    machine_mb = machine_memory_mb() if machine_mb is None else machine_mb
    return MemoryFit(servers=servers, each_mb=math.ceil(base_mb) + limit_mb, machine_mb=machine_mb)


def machine_memory_mb(root: Path = Path("/")) -> int:
    """Return the memory that this process may use in all: the machine's, or less where a control group says so."""
    found = [_meminfo_mb(root), *_group_limits_mb(root)]
    return min(found)


def _meminfo_mb(root: Path) -> int:
    for line in (root / "proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) >> 10
    return 0


def _group_limits_mb(root: Path) -> list[int]:
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    limits = []
    for line in lines:
        _, names, path = line.split(":", 2)
        if names == "":
            files = [f"sys/fs/cgroup{path}/memory.max"]
        elif "memory" in names.split(","):
            files = [
                f"sys/fs/cgroup/{names}{path}/memory.limit_in_bytes",
                f"sys/fs/cgroup/{names}/memory.limit_in_bytes",
            ]
        else:
            continue
        limits += [limit for file in files if (limit := _limit_mb(root / file)) is not None]
    return limits


def _limit_mb(file: Path) -> int | None:
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    return int(text) >> 20 if text.isdigit() else None
