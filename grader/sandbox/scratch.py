"""A temporary folder for the children of a fork server that has no file system of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox import leftovers

_STUDENT_ID = 60_700  # what the guest becomes when root starts it


def make_scratch(parent: Path | None = None) -> Path:
    """Make a folder that only the guest's user may enter; take away those of runs that were killed.

    Raises SandboxError where none can be made.
    """
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    for path in leftovers.stale(parent):
        if not path.is_symlink() and path.stat().st_uid in (os.geteuid(), _owner()):
            remove_scratch(path)
    path = parent / leftovers.new_name()
    try:
        path.mkdir(mode=0o700)
        os.chown(path, _owner(), -1)
    except OSError as error:
        raise SandboxError(
            f"sandbox: no temporary folder for student code ({path}: {error.strerror}).\n"
            "  Set TMPDIR to a folder that you can write to."
        ) from None
    return path


def remove_scratch(path: Path) -> None:
    """Remove a scratch folder with all that is in it, as far as that can be done; links are not followed."""
    for place, folders, _ in os.walk(path):
        for folder in folders:
            if not os.path.islink(os.path.join(place, folder)):
                with contextlib.suppress(OSError):
                    os.chmod(os.path.join(place, folder), 0o700)
    shutil.rmtree(path, ignore_errors=True)


def _owner() -> int:
    return _STUDENT_ID if os.geteuid() == 0 else os.geteuid()
