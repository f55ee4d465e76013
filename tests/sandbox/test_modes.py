"""What holds without namespaces, and what a person has to say before student code runs without walls."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from grader.cli.sandbox_mode import chosen_mode
from grader.errors import UserError
from grader.models.result import Status
from grader.plan import question_digest
from grader.report import terminal
from grader.sandbox import ForkServer, SandboxMode
from grader.sandbox.modes import MODES
from grader.sandbox.scratch import make_scratch, remove_scratch
from tests import report_data
from tests.conftest import shipped_exam
from tests.sandbox.conftest import LIMITS, STUB, ask

SYSTEM_PYTHON = "/usr/bin/python3"


def any_users_python() -> str | None:
    """A Python that a fork server can run as nobody: this one, or the machine's if it is of the same version."""
    home = Path(os.path.realpath(sys.base_prefix))
    if os.geteuid() != 0 or all(place.stat().st_mode & 0o005 == 0o005 for place in (home, *home.parents)):
        return sys.executable
    command = [SYSTEM_PYTHON, "-c", "import sys; print(sys.version_info[:2])"]
    if not os.path.exists(SYSTEM_PYTHON):
        return None
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return SYSTEM_PYTHON if found == str(sys.version_info[:2]) else None


def server_in(mode: SandboxMode) -> Iterator[ForkServer]:
    python = any_users_python()
    if python is None:
        pytest.skip("no Python here that a user other than root can run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", python)
        server = ForkServer._start(driver=STUB, warm_up=False, mode=mode)
    with server:
        yield server


@pytest.fixture(scope="module")
def landlock_server():
    yield from server_in("landlock")


@pytest.fixture(scope="module")
def open_server():
    yield from server_in("none")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("open('/etc/passwd')", errno.EACCES),
        ("open('/proc/self/environ')", errno.EACCES),
        ("import os; os.listdir('/tmp')", errno.EACCES),
        ("open('/tmp/x', 'w')", errno.EACCES),
        ("import os; os.kill(os.getppid(), 0)", errno.EPERM),
        ("import os; os.killpg(0, 0)", errno.EPERM),
        ("import os; os.chmod('.', 0)", errno.EPERM),
        ("import os; os.utime('.')", errno.EPERM),
        ("import resource; resource.prlimit(1, resource.RLIMIT_CPU)", errno.EPERM),
        ("import os; os.fork()", errno.EPERM),
        ("import os; os.execv('/bin/sh', ['sh'])", errno.EPERM),
        ("import socket; socket.socket()", errno.EPERM),
    ],
)
def test_landlock_mode_refuses(landlock_server, source, expected):
    with landlock_server.fork(LIMITS) as child:
        answer = ask(child, source)
    assert (answer["kind"], answer.get("errno")) == ("raised", expected)


def test_landlock_mode_is_told_and_never_root(landlock_server):
    with landlock_server.fork(LIMITS) as child:
        assert ask(child, "import os; result = 0 in os.getresuid()")["result"] is False
    assert landlock_server.info.mode == "landlock"
    assert landlock_server.info.walls == (
        "session", "resource limits", "capabilities", "no new privileges", "landlock", "system call filter",
    )  # fmt: skip


@pytest.mark.parametrize("fixture", ["landlock_server", "open_server"])
def test_scratch_folder_is_emptied_after_each_child(request, fixture):
    server = request.getfixturevalue(fixture)
    with server.fork(LIMITS) as child:
        ask(
            child,
            "import os; open('a', 'w'); os.makedirs('b/c'); os.mkdir('b/d', 0); os.symlink('/etc', 'e')",
        )
    with server.fork(LIMITS) as child:
        assert ask(child, "import os; result = os.listdir('.')")["result"] == []
    assert os.listdir("/etc")


def test_processes_that_a_child_leaves_are_killed(open_server):
    source = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    while True: time.sleep(60)\nresult = 1"
    )
    with open_server.fork(LIMITS) as child:
        assert ask(child, source)["result"] == 1
        (server,) = children(open_server._process.pid)
        assert len(children(server)) == 1
    with open_server.fork(LIMITS) as child:
        ask(child, "result = 1")
        assert len(children(server)) == 1


def test_none_still_has_limits(open_server):
    with open_server.fork(LIMITS) as child:
        assert ask(child, "bytearray(20 << 30)")["type"] == "MemoryError"


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_scratch_folder_of_a_killed_run_is_taken_away(tmp_path):
    left = tmp_path / "grader-1-1-0a1b2c3d"
    left.mkdir()
    strange = tmp_path / "grader-notes"
    strange.mkdir()
    path = make_scratch(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted([path.name, "grader-notes"])
    remove_scratch(path)
    assert os.listdir(tmp_path) == ["grader-notes"]


def test_default_mode_says_nothing(capsys):
    assert chosen_mode("namespaces", is_trusted=False) == "namespaces"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("mode", "words"), [("landlock", "weaker sandbox"), ("none", "NO SANDBOX")])
def test_weak_mode_is_announced(capsys, mode, words):
    assert chosen_mode(mode, is_trusted=mode == "none") == mode
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("mode", "is_trusted", "fix"),
    [
        ("none", False, "--i-trust-these-submissions"),
        ("landlock", True, "Leave it out"),
        ("docker", False, "namespaces, landlock, none"),
    ],
)
def test_mode_that_does_not_go_is_refused(mode, is_trusted, fix):
    with pytest.raises(UserError, match=fix):
        chosen_mode(mode, is_trusted=is_trusted)


def test_results_of_one_mode_are_none_of_another():
    exam = shipped_exam("snu_2021_midterm")
    digests = {question_digest(exam, exam.questions[0], sandbox=mode) for mode in MODES}
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("mode", "first"), [("landlock", "weaker sandbox"), ("none", "NO SANDBOX"), ("namespaces", "exam_a")]
)
def test_a_weak_mode_is_the_first_thing_in_the_report(tmp_path, mode, first):
    console = Console(file=io.StringIO(), width=200)
    data = report_data.summary(report_data.result("amy", report_data.part("q1", Status.PASSED, auto=10)))
    terminal.show(data.model_copy(update={"sandbox": mode}), tmp_path, console)
    assert console.file.getvalue().lstrip().startswith(first)
