"""A fork server over many jobs and through its own death: nothing is left behind, nobody waits for ever."""

from __future__ import annotations

import os
import select
import signal
import threading
from pathlib import Path

import pytest

from grader.errors import ForkServerError
from grader.sandbox import ChildEnded, ForkServer
from tests.sandbox.conftest import LIMITS, ask, request


def descendants(pid: int) -> list[int]:
    """Return the processes below one, nearest first."""
    found = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [grandchild for child in found for grandchild in descendants(child)]


def watch(server: ForkServer) -> list[int]:
    """Return a file for each process of a server, which becomes readable when that process ends."""
    return [os.pidfd_open(pid) for pid in descendants(server._process.pid)]


def have_ended(processes: list[int]) -> list[bool]:
    """Return whether each process ends within 5 s."""
    ended = [bool(select.select([process], [], [], 5)[0]) for process in processes]
    for process in processes:
        os.close(process)
    return ended


def test_server_is_single_threaded_with_all_walls(stub_server):
    assert stub_server.info.threads == 1
    assert stub_server.info.walls == (
        "session", "user namespace", "process namespace", "mount namespace", "network namespace", "ipc namespace",
        "host name namespace", "cgroup namespace", "private root", "scratch folder", "resource limits",
        "capabilities", "no new privileges", "landlock", "system call filter",
    )  # fmt: skip


def test_thirty_jobs_leave_nothing_behind(stub_server):
    files, jobs = len(os.listdir("/proc/self/fd")), stub_server.jobs
    for _ in range(30):
        with stub_server.fork(LIMITS) as child:
            assert ask(child, "result = 1")["result"] == 1
    assert len(os.listdir("/proc/self/fd")) == files
    assert len(descendants(stub_server._process.pid)) == 1
    (zygote,) = descendants(stub_server._process.pid)
    assert len(os.listdir(f"/proc/{zygote}/fd")) < 12
    assert stub_server.jobs == jobs + 30


def test_host_files_do_not_reach_other_programs(stub_server):
    with stub_server.fork(LIMITS) as child:
        assert [os.get_inheritable(fd) for fd in (child._inbox, child._outbox, child._log_pipe)] == [
            False
        ] * 3
    assert not os.get_inheritable(stub_server._link.fileno())


def test_second_child_at_the_same_time_is_refused(stub_server):
    with stub_server.fork(LIMITS), pytest.raises(ForkServerError, match="still has a child"):
        stub_server.fork(LIMITS)


def test_death_of_the_server_ends_the_job(mortal_server):
    with mortal_server.fork(LIMITS) as child:
        ask(child, "result = 1")
        processes = watch(mortal_server)
        child.send(request("import time; time.sleep(1000)"))
        signal.pidfd_send_signal(processes[0], signal.SIGKILL)
        with pytest.raises(ForkServerError):
            child.receive(limit_s=5)
    assert have_ended(processes) == [True, True]
    with pytest.raises(ForkServerError, match="gone"):
        mortal_server.fork(LIMITS)


def test_server_that_does_not_answer_is_killed(mortal_server):
    child = mortal_server.fork(LIMITS)
    ask(child, "result = 1")
    processes = watch(mortal_server)
    signal.pidfd_send_signal(processes[0], signal.SIGSTOP)
    with pytest.raises(ForkServerError, match="2 s"):
        child.end()
    assert have_ended(processes) == [True, True]
    assert not mortal_server.is_alive


def test_close_from_another_thread_ends_a_running_job(mortal_server):
    files = len(os.listdir("/proc/self/fd"))
    with mortal_server.fork(LIMITS) as child:
        ask(child, "result = 1")
        processes = watch(mortal_server)
        child.send(request("import time; time.sleep(1000)"))
        closing = threading.Timer(0.1, mortal_server.close)
        closing.start()
        with pytest.raises(ForkServerError):
            child.receive(limit_s=8)
        closing.join()
    mortal_server.close()
    assert have_ended(processes) == [True, True]
    assert len(os.listdir("/proc/self/fd")) == files - 1


def test_real_driver_leaves_when_the_host_hangs_up(server):
    with server.fork(LIMITS) as child:
        os.close(child._inbox)
        child._inbox = os.open("/dev/null", os.O_WRONLY)
        with pytest.raises(ChildEnded) as ended:
            child.receive(limit_s=5)
    assert ended.value.exit.model_dump(include={"status", "log"}) == {"status": "exited 0", "log": ""}
