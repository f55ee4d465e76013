"""Starts the process of a fork server, and hears what it says of itself when it is ready."""

from __future__ import annotations

import contextlib
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
from pathlib import Path
from typing import IO, Any

from pydantic import Field

from grader.errors import SandboxError
from grader.models.base import Model
from grader.sandbox import diagnosis
from grader.sandbox.cgroup import ControlGroup
from grader.sandbox.modes import SandboxMode

PACKAGE = Path(__file__).resolve().parents[1]
_START_S = 120.0
_BOOT = """
import sys
import tempfile
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
    mode: SandboxMode = "namespaces"
    control_group: str = Field(
        "", description="What a control group limits besides; empty where none was to be had."
    )
    walls: tuple[str, ...]
    wall_ms: dict[str, float]
    start_ms: dict[str, float]
    versions: dict[str, str]


def start_process(
    settings: dict[str, Any], group: ControlGroup | None = None
) -> tuple[subprocess.Popen[bytes], socket.socket, ServerInfo]:
    """Start a fork server and wait until it is ready; return its process and our end of its control socket.

    Raises SandboxError naming wall, cause and fix.
    """
    if sys.platform != "linux":
        raise SandboxError(
            "sandbox: student code can be run on Linux only.\n  Use a Linux machine, VM or container."
        )
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, tempfile.TemporaryFile() as output:
        process = _launch(theirs.fileno(), output)
        theirs.close()
        try:
            if group is not None:
                group.add(process.pid)  # it waits for its settings, and has no children yet
            return process, ours, _await_ready(ours, settings, output)
        except BaseException:
            ours.close()
            kill_group(process)
            raise


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the launcher and the server, if they are still there, and reap."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def library_folders() -> list[str]:
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
        [sys.executable, "-I", "-c", _BOOT, str(PACKAGE.parent), str(control)],
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
        walls=tuple(facts["walls"]),
        wall_ms=message["ms"],
        start_ms={**facts["ms"], "all": start_ms},
        versions=facts["versions"],
    )


def _tail(output: IO[bytes]) -> str:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - 4000))
    return output.read().decode(errors="replace")
