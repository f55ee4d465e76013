"""What a child may leave behind where no namespace takes it away: processes, and files in the scratch folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal


def kill_orphans() -> None:
    """End every process that a child started and left; they are this process's own children by then."""
    while found := _children():
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in found:
            os.waitpid(pid, 0)


def empty(folder: str) -> None:
    """Remove all that is in a folder. Raises OSError."""
    for entry in list(os.scandir(folder)):
        if entry.is_dir(follow_symlinks=False):
            _open_up(entry.path)
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)


def _open_up(folder: str) -> None:
    os.chmod(folder, 0o700)
    for place, folders, _ in os.walk(folder):
        for name in folders:
            if not os.path.islink(os.path.join(place, name)):
                os.chmod(os.path.join(place, name), 0o700)


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", "rb") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []
