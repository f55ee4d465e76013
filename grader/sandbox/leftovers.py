"""Names for what a run keeps outside itself: a later run can tell whose it was, and whether it is still wanted."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

_PREFIX = "grader-"
_NAME = re.compile(r"grader-(?P<pid>[0-9]{1,10})-(?P<start>[0-9]{1,20})-[0-9a-f]{8}")


def new_name() -> str:
    """Return a name that nobody else has, which says what process it belongs to."""
    return f"{_PREFIX}{os.getpid()}-{_start_time(os.getpid())}-{secrets.token_hex(4)}"


def stale(folder: Path) -> list[Path]:
    """Return what lies in a folder and belongs to processes that are gone."""
    try:
        found = list(folder.glob(f"{_PREFIX}*"))
    except OSError:
        return []
    return sorted(path for path in found if _is_orphan(path.name))


def _is_orphan(name: str) -> bool:
    match = _NAME.fullmatch(name)
    return match is not None and _start_time(int(match["pid"])) != int(match["start"])


def _start_time(pid: int) -> int:
    """Return when a process started, in clock ticks since the machine did; 0 if there is none of this number."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return 0
    return int(stat.rpartition(b")")[2].split()[19])
