"""Starts a fork server: builds its root, imports libraries in it, tries its walls on a child, then serves."""

from __future__ import annotations

import errno
import gc
import importlib
import io
import json
import os
import pkgutil
import platform
import socket
import sys
import time
import traceback
import types
from typing import Any

import grader.guest
from grader.guest import huge_pages, landlock, root, seccomp, syscalls, walls, warmup
from grader.guest.confine import INBOX, OUTBOX, Walls, limit_alike
from grader.guest.libc import WallError, wall
from grader.guest.walls import WALLS
from grader.guest.zygote import Zygote

_MAX_SETTINGS = 1 << 18
_LANDLOCK_ALONE = 3  # the first that stops a file from being cut by whoever may only read it


def main(control_fd: int) -> None:
    """Run a fork server on an inherited control socket; returns only by ending the process.

    The host's first message is the settings: `libraries`, `hidden`, whether to `warm_up`, the walls to do `without`,
    whether to `prove` that nothing else holds in their place, a `scratch` folder where there is no private root, and
    for tests the source of a `driver`.
    """
    control = socket.socket(fileno=control_fd)
    control.set_inheritable(False)
    try:
        driver = _start(control)
    except WallError as error:
        _fail(control, [error.wall, error.number, error.detail])
    except BaseException:
        _fail(control, ["start", 0, traceback.format_exc()[-4000:]])
    del control
    _run(driver)


def _start(control: socket.socket) -> Any:
    """Become a fork server and serve; returns the driver's `serve`, in a confined child."""
    settings = json.loads(control.recv(_MAX_SETTINGS) or os._exit(0))
    started = time.perf_counter()
    machine = platform.machine()
    if machine not in syscalls.COLUMNS:
        raise WallError("system call filter", 0, f"there is no table of system calls for {machine}")
    without = frozenset(settings["without"])
    scratch = settings["scratch"] or root.SCRATCH
    plan = root.plan_root(os.path.dirname(grader.guest.__file__), settings["libraries"], settings["hidden"])
    root.enter(plan, without)
    built = time.perf_counter()
    _tidy_paths(plan, settings["libraries"], scratch)
    driver, facts = _import(settings)
    imported = time.perf_counter()
    if settings["warm_up"]:
        facts["huge_pages"] = huge_pages.gather()
    gathered = time.perf_counter()
    zygote = Zygote(control, _prepare(plan, machine, facts["address_space"], scratch, without))
    prepared = time.perf_counter()
    trial = zygote.try_walls(prove=settings["prove"])
    facts["ms"] = {
        "root": 1e3 * (built - started),
        "import": 1e3 * (imported - built),
        "huge pages": 1e3 * (gathered - imported),
        "walls": 1e3 * (prepared - gathered),
        "trial": 1e3 * (time.perf_counter() - prepared),
    }
    facts["walls"] = [name for name in WALLS if name not in without]
    control.send(json.dumps({"ready": facts, "landlock": landlock.abi(), **trial}).encode())
    zygote.serve()
    return driver


def _import(settings: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Import and use the libraries; return the driver's `serve`, and what the host wants to know. Raises WallError."""
    versions = warmup.warm_up() if settings["warm_up"] else {}
    driver = _load_driver(settings["driver"])
    threads = warmup.thread_count()
    if threads != 1:
        raise WallError("single thread", 0, f"{threads} threads after the warm-up; a fork would lose them")
    return driver, {"threads": threads, "address_space": warmup.address_space(), "versions": versions}


def _tidy_paths(plan: root.RootPlan, libraries: list[str], scratch: str) -> None:
    """Leave on the path only what is in the root, and no trace of where the grader lies."""
    paths = [*sys.path, *(path for path in libraries if path not in sys.path)]
    sys.path[:] = [path for path in paths if any(path == f or path.startswith(f + "/") for f in plan.folders)]
    sys.argv[:] = [""]
    sys.orig_argv[:] = [""]
    sys.path_importer_cache.clear()
    os.environ["TMPDIR"] = os.environ["HOME"] = scratch
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")  # a crash loses no line


def _load_driver(source: str | None) -> Any:
    """Import all of this package that a child may need; its folder is not there when a child runs."""
    if source is not None:
        module = types.ModuleType("driver")
        exec(compile(source, "driver.py", "exec"), module.__dict__)
        return module.serve
    for found in pkgutil.iter_modules(grader.guest.__path__):
        if found.name != "__main__":
            importlib.import_module(f"grader.guest.{found.name}")
    return sys.modules["grader.guest.driver"].serve


def _prepare(
    plan: root.RootPlan, machine: str, address_space: int, scratch: str, without: frozenset[str]
) -> Walls:
    namespaces = walls.namespaces_of_a_child(without)
    root.seal(plan, without)
    writable = root.JOB_FOLDER if scratch == root.SCRATCH else scratch
    null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    ruleset = null
    if "landlock" not in without:
        with wall("landlock"):
            _check_landlock(without)
            ruleset = landlock.make_ruleset(readable=plan.readable, writable=("/dev/null", writable))
    if "resource limits" not in without:
        with wall("resource limits"):
            limit_alike()
    gc.disable()  # a collection in a child would write to, and so copy, every page of the heap
    gc.freeze()
    is_alone = walls.has_namespaces(without)
    return Walls(
        null=null,
        ruleset=ruleset,
        program=seccomp.build(machine) if is_alone else seccomp.build_among_others(machine),
        namespaces=namespaces,
        address_space=address_space,
        scratch=scratch,
        mounts_scratch=walls.mounts_scratch(without),
        limits_threads=walls.has_namespaces(without),
        without=without,
    )


def _check_landlock(without: frozenset[str]) -> None:
    if not walls.has_namespaces(without) and landlock.abi() < _LANDLOCK_ALONE:
        raise OSError(errno.EOPNOTSUPP, f"this mode needs version {_LANDLOCK_ALONE} of it (Linux 6.2)")


def _run(serve: Any) -> None:
    """Run the driver in a confined child, from a frame that holds nothing, and end the process."""
    status = 70
    try:
        serve(INBOX, OUTBOX)
        sys.stdout.flush()
        sys.stderr.flush()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _fail(control: socket.socket, failure: list[Any]) -> None:
    control.send(json.dumps({"failed": failure}).encode())
    os._exit(1)
