"""One fork server for the tests of the sandbox, with a driver that executes what it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.guest import protocol
from grader.sandbox import Child, ForkServer, JobLimits

LIMITS = JobLimits(job_s=10, memory_mb=1024)
STUB = Path(__file__).with_name("stub_driver.py").read_text()
HIDDEN = Path(pytest.__file__).parent


def ask(child: Child, source: str, *, limit_s: float = 5.0) -> dict[str, Any]:
    """Have the child execute `source`; return the header of its answer."""
    child.send(request(source))
    header, _ = child.receive(limit_s=limit_s)
    return header


def request(source: str) -> bytes:
    """Return the frame that has `source` executed."""
    return protocol.pack({"kind": "run"}, [source.encode()])


@pytest.fixture(scope="session")
def stub_server() -> Iterator[ForkServer]:
    """A fork server whose children execute what they are sent; pytest's own folder is hidden in it."""
    with ForkServer._start((HIDDEN,), driver=STUB, warm_up=True) as started:
        yield started


@pytest.fixture
def mortal_server() -> Iterator[ForkServer]:
    """A fork server of the test's own, to be broken; without torch, which takes seconds to import."""
    with ForkServer._start((), driver=STUB, warm_up=False) as started:
        yield started


@pytest.fixture
def run(stub_server: ForkServer) -> Callable[[str], dict[str, Any]]:
    """Execute a source in a fresh child."""

    def run_in_a_child(source: str) -> dict[str, Any]:
        with stub_server.fork(LIMITS) as child:
            return ask(child, source)

    return run_in_a_child
