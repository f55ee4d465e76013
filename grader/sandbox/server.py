"""Fork servers: processes with torch imported that make one confined child a job; no two share anything."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from grader.errors import ForkServerError, SandboxError
from grader.models.base import Model
from grader.sandbox import diagnosis
from grader.sandbox.child import Child
from grader.sandbox.limits import JobLimits
from grader.sandbox.link import Link

_PACKAGE = Path(__file__).resolve().parents[1]
_START_S = 120.0
_CLOSE_S = 2.0
_PIPE_BYTES = 1 << 20
_BOOT = """
import sys
sys.path.insert(0, sys.argv[1])
from grader.guest.__main__ import main
main(int(sys.argv[2]))
"""
# All that a fork server sees of the host's environment is nothing: the same few words on every machine.
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/job/scratch",
    "USER": "student",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


class ServerInfo(Model):
    """What a fork server said of itself when it was ready."""

    threads: int
    base_mb: float
    landlock_abi: int
    walls: tuple[str, ...]
    wall_ms: dict[str, float]
    start_ms: dict[str, float]
    versions: dict[str, str]


class ForkServer:
    """One fork server, used by one thread at a time; `jobs` counts its children so far."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket, info: ServerInfo) -> None:
        """Take over a server that is ready; use `start`."""
        self.info = info
        self.jobs = 0
        self._process = process
        self._link = Link(control)
        self._child: Child | None = None
        self._is_closed = False

    @classmethod
    def start(cls, *, hidden_paths: Sequence[Path] = ()) -> Self:
        """Start a server and let it try its walls; takes about 2 s, most of it for importing torch.

        Nothing of `hidden_paths` will be visible to a child. Raises SandboxError naming wall, cause and fix.
        """
        return cls._start(hidden_paths, driver=None, warm_up=True)

    @classmethod
    def _start(cls, hidden_paths: Sequence[Path], *, driver: str | None, warm_up: bool) -> Self:
        """For tests: `driver` is the source of another module to serve children with, maybe without torch."""
        if sys.platform != "linux":
            raise SandboxError(
                "sandbox: student code can be run on Linux only.\n  Use a Linux machine, VM or container."
            )
        hidden = [str(_PACKAGE), *(str(Path(path).resolve()) for path in hidden_paths)]
        settings = {
            "libraries": _library_folders(),
            "hidden": hidden,
            "driver": driver,
            "warm_up": warm_up,
        }
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, tempfile.TemporaryFile() as output:
            process = _launch(theirs.fileno(), output)
            theirs.close()
            try:
                return cls(process, ours, _await_ready(ours, settings, output))
            except BaseException:
                ours.close()
                _kill_group(process)
                raise

    def fork(self, limits: JobLimits) -> Child:
        """Make a confined child. Raises ForkServerError if the server is gone or still has a child."""
        if not self.is_alive:
            raise ForkServerError("the fork server is gone; start another one")
        if self._child is not None and not self._child.has_ended:
            raise ForkServerError("the fork server still has a child; end it first")
        self.jobs += 1
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
        _kill_group(self._process)
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
        _kill_group(self._process)
        self._link.close()


def _library_folders() -> list[str]:
    """Return the folders that torch and numpy lie in. Raises SandboxError if one is not installed."""
    folders = []
    for name in ("torch", "numpy"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise SandboxError(
                f"sandbox: {name} is not installed for {sys.executable}.\n  Install it: `pip install {name}`."
            )
        folders.append(os.path.dirname(os.path.dirname(spec.origin)))
    return sorted(set(folders))


def _launch(control: int, output: IO[bytes]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal is for the host, which then ends its servers in order.
    return subprocess.Popen(
        [sys.executable, "-I", "-c", _BOOT, str(_PACKAGE.parent), str(control)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=_ENVIRONMENT,
        cwd="/",
        pass_fds=[control],
        start_new_session=True,
    )


def _await_ready(control: socket.socket, settings: dict[str, Any], output: IO[bytes]) -> ServerInfo:
    started = time.monotonic()
    try:
        control.send(json.dumps(settings).encode())
        data = control.recv(1 << 16) if select.select([control], [], [], _START_S)[0] else None
    except OSError:
        data = b""
    if data is None:
        raise diagnosis.explain_no_start(f"it was not ready after {_START_S:g} s", "")
    if not data:
        raise diagnosis.explain_no_start("it ended early", _tail(output))
    message = json.loads(data)
    if "failed" in message:
        wall, number, detail = message["failed"]
        if wall == "start":
            raise diagnosis.explain_no_start("its libraries could not be imported", detail)
        raise diagnosis.explain(wall, number, detail)
    if message["gaps"]:
        raise diagnosis.explain_gaps(message["gaps"])
    return _info(message, 1e3 * (time.monotonic() - started))


def _info(message: dict[str, Any], start_ms: float) -> ServerInfo:
    facts = message["ready"]
    return ServerInfo(
        threads=facts["threads"],
        base_mb=facts["address_space"] / (1 << 20),
        landlock_abi=message["landlock"],
        walls=tuple(name for name in message["ms"] if name != "all"),
        wall_ms=message["ms"],
        start_ms={**facts["ms"], "all": start_ms},
        versions=facts["versions"],
    )


def _tail(output: IO[bytes]) -> str:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - 4000))
    return output.read().decode(errors="replace")


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


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the launcher and the server, if they are still there, and reap."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
