"""With one wall down, what that wall alone holds is let through: so the other tests do test the wall they name."""

from __future__ import annotations

import errno

import pytest

from grader.errors import SandboxError
from grader.guest import walls as guest_walls
from grader.sandbox import ForkServer
from grader.sandbox.modes import LEFT_OUT, MODES
from tests.sandbox.conftest import LIMITS, STUB, ask


def answer(server, source):
    """Execute a source in a fresh child; return its result, or the errno of what it raised."""
    with server.fork(LIMITS) as child:
        header = ask(child, source)
    return header["result"] if header["kind"] == "done" else header["errno"]


@pytest.mark.parametrize(
    ("without", "source", "result"),
    [
        ({"system call filter"}, "import os; os.memfd_create('x'); result = 'let through'", "let through"),
        ({"landlock"}, "import os; result = os.listdir('/job')", ["scratch"]),
        ({"private root", "landlock"}, "result = open('/etc/passwd').readline()[:4]", "root"),
        ({"user namespace"}, "import os; result = os.getuid()", 1000),
        ({"process namespace"}, "import os; result = os.getpid() > 1 and os.getppid() == 1", True),
        ({"host name namespace"}, "import os; result = os.uname().nodename != 'sandbox'", True),
        ({"session"}, "import os; result = os.getpgid(0) != os.getpid()", True),
        ({"resource limits"}, "import resource; result = resource.getrlimit(resource.RLIMIT_AS)[0]", -1),
    ],
    ids=lambda value: " and ".join(sorted(value)) if isinstance(value, set) else None,
)
def test_without_its_wall_it_is_let_through(without, source, result):
    with ForkServer._start(driver=STUB, warm_up=False, without=without) as server:
        assert answer(server, source) == result
        assert set(guest_walls.WALLS) - set(server.info.walls) == without


def test_without_a_scratch_folder_of_its_own_a_child_finds_what_the_last_one_left():
    with ForkServer._start(driver=STUB, warm_up=False, without={"scratch folder"}) as server:
        answer(server, "open('left', 'w')")
        assert answer(server, "import os; result = os.listdir('.')") == ["left"]


def test_a_network_namespace_holds_where_the_filter_does_not():
    source = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    without = {"system call filter", "landlock"}
    with ForkServer._start(driver=STUB, warm_up=False, without=without) as server:
        assert answer(server, source) == errno.ENETUNREACH
    with ForkServer._start(driver=STUB, warm_up=False, without=without | {"network namespace"}) as server:
        assert answer(server, source) == errno.ECONNREFUSED


def test_walls_that_stand_on_one_that_is_down_cannot_be_raised():
    # Landlock and the filter ask for "no new privileges", or for a capability that is gone by then.
    with pytest.raises(SandboxError, match="landlock"):
        ForkServer._start(driver=STUB, warm_up=False, without={"no new privileges"})


def test_every_wall_of_a_mode_is_one_that_a_child_knows():
    assert {mode: LEFT_OUT[mode] - set(guest_walls.WALLS) for mode in MODES} == {
        "namespaces": set(),
        "landlock": set(),
        "none": set(),
    }
    assert [guest_walls.has_namespaces(LEFT_OUT[mode]) for mode in MODES] == [True, False, False]
