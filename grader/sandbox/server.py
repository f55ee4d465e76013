"""Fork servers: processes with torch imported that make one confined child a job; no two share anything."""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import socket
import subprocess
from collections.abc import Sequence, Set
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.errors import ForkServerError
from grader.sandbox.cgroup import ControlGroup, find_places
from grader.sandbox.child import Child
from grader.sandbox.launch import PACKAGE, ServerInfo, kill_group, library_folders, start_process
from grader.sandbox.limits import JobLimits
from grader.sandbox.link import Link
from grader.sandbox.modes import LEFT_OUT, SandboxMode, has_no_namespaces
from grader.sandbox.scratch import make_scratch, remove_scratch

_CLOSE_S = 2.0
_PIPE_BYTES = 1 << 20
_OWN_PROCESSES = 16  # launcher and server, and room for children that are still going


class ForkServer:
    """One fork server, used by one thread at a time; `jobs` counts its children so far."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        control: socket.socket,
        info: ServerInfo,
        group: ControlGroup | None,
        belongings: contextlib.ExitStack,
    ) -> None:
        """Take over a server that is ready, and what is to be removed after it; use `start`."""
        self.info = info
        self.jobs = 0
        self._process = process
        self._group = group
        self._belongings = belongings
        self._link = Link(control)
        self._child: Child | None = None
        self._is_closed = False

    @classmethod
    def start(cls, *, hidden_paths: Sequence[Path] = (), mode: SandboxMode = "namespaces") -> Self:
        """Start a server and let it try its walls; takes about 2 s, most of it for importing torch.

        Nothing of `hidden_paths` will be visible to a child, where the mode has a private root.
        Raises SandboxError naming wall, cause and fix; no other mode is tried in its place.
        """
        return cls._start(hidden_paths, mode=mode)

    @classmethod
    def _start(
        cls,
        hidden_paths: Sequence[Path] = (),
        *,
        driver: str | None = None,
        warm_up: bool = True,
        mode: SandboxMode = "namespaces",
        without: Set[str] = frozenset(),
    ) -> Self:
        """For tests and negative controls, which no option of the command line reaches.

        `driver` is the source of another module to serve children with, maybe without torch. The walls of `without`
        are left out, and the trial child proves that they are: nothing else may hold in their place.
        """
        without = LEFT_OUT[mode] | without
        settings = {
            "libraries": library_folders(),
            "hidden": [str(PACKAGE), *(str(Path(path).resolve()) for path in hidden_paths)],
            "driver": driver,
            "warm_up": warm_up,
            "without": sorted(without),
            "prove": without != LEFT_OUT[mode],
            "scratch": None,
        }
        with contextlib.ExitStack() as belongings:
            if has_no_namespaces(without):
                scratch = make_scratch()
                belongings.callback(remove_scratch, scratch)
                settings["scratch"] = str(scratch)
            group = ControlGroup.make(find_places())
            if group is not None:
                belongings.callback(group.remove)
            process, control, info = start_process(settings, group)
            rules = group.description if group is not None else ""
            info = info.model_copy(update={"mode": mode, "control_group": rules})
            return cls(process, control, info, group, belongings.pop_all())

    def fork(self, limits: JobLimits) -> Child:
        """Make a confined child. Raises ForkServerError if the server is gone or still has a child."""
        if not self.is_alive:
            raise ForkServerError("the fork server is gone; start another one")
        if self._child is not None and not self._child.has_ended:
            raise ForkServerError("the fork server still has a child; end it first")
        self.jobs += 1
        if self._group is not None:
            memory_mb = math.ceil(self.info.base_mb) + limits.memory_mb + limits.scratch_mb
            self._group.limit(memory_mb=memory_mb, processes=limits.threads + _OWN_PROCESSES)
        theirs, ours = _pipes()
        try:
            job = {"number": self.jobs, **limits.model_dump()}
            self._link.send({"op": "fork", "job": job}, theirs)
        except BaseException:
            _close_all(ours)
            raise
        finally:
            _close_all(theirs)
        self._child = Child(self.jobs, limits, self._link, ours, self._abandon)
        return self._child

    @property
    def is_alive(self) -> bool:
        """Whether the server can still make children."""
        return not self._is_closed and self._process.poll() is None

    def close(self) -> None:
        """End the server and whatever it still runs; may be called twice, and from another thread than the user's.

        A thread that waits for a child of this server gets a ForkServerError.
        """
        self._is_closed = True
        self._link.hang_up()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_CLOSE_S)
        kill_group(self._process)
        self._belongings.close()
        if self._child is None or self._child.has_ended:
            self._link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _abandon(self) -> None:
        """Give up a server that died or does not answer."""
        self._is_closed = True
        kill_group(self._process)
        self._belongings.close()
        self._link.close()


def _pipes() -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Return the server's ends (inbox, outbox, log) and ours of three new pipes."""
    opened: list[int] = []
    try:
        for _ in range(3):
            opened += os.pipe()
    except OSError as error:
        _close_all(opened)
        raise ForkServerError(f"no pipe for a child: {error.strerror}") from None
    inbox_read, inbox_write, outbox_read, outbox_write, log_read, log_write = opened
    for fd in (inbox_write, outbox_write):
        with contextlib.suppress(OSError):  # beyond what one user may have: smaller pipes do, only slower
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return (inbox_read, outbox_write, log_write), (inbox_write, outbox_read, log_read)


def _close_all(fds: Sequence[int]) -> None:
    for fd in fds:
        os.close(fd)
