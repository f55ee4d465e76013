"""What hostile code finds when it looks around in a child: nothing, and a refusal for whatever it tries."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

import grader
from tests.sandbox.conftest import HIDDEN, LIMITS, ask

PACKAGE = str(Path(grader.__file__).parent)
SYSCALL = "import ctypes, os; c = ctypes.CDLL(None, use_errno=True)\n"


def raw(call: str) -> str:
    """Return a source that makes a C call and answers with its errno."""
    return f"{SYSCALL}r = c.{call}; result = ctypes.get_errno() if r < 0 else 'let through'"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("open('/etc/passwd')", errno.ENOENT),
        ("open('/proc/self/environ')", errno.ENOENT),
        ("open('/proc/1/maps')", errno.ENOENT),
        ("import os; os.listdir('/')", errno.EACCES),
        ("import os; os.listdir('/proc')", errno.EACCES),
        ("import os; os.listdir('/dev')", errno.EACCES),
        ("import os; os.listdir('/sys/devices/system/cpu')", errno.EACCES),
        (f"open({PACKAGE + '/guest/driver.py'!r})", errno.ENOENT),
        ("open('/job/x', 'w')", errno.EROFS),
        ("import os; open(os.__file__, 'a')", errno.EACCES),
        ("import os; open(os.path.dirname(os.__file__) + '/x.py', 'w')", errno.EROFS),
        ("import os; os.unlink(os.__file__)", errno.EROFS),
        ("import os; os.fork()", errno.EPERM),
        ("import os; os.execv('/bin/sh', ['sh'])", errno.EPERM),
        ("import subprocess; subprocess.run(['true'])", errno.EPERM),
        ("import socket; socket.socket()", errno.EPERM),
        ("import socket; socket.socketpair()", errno.EPERM),
        ("import os; os.memfd_create('x')", errno.EPERM),
        ("import os; os.setuid(0)", errno.EPERM),
        ("import os; os.chroot('/')", errno.EPERM),
        ("import os; os.mknod('x')", errno.EPERM),
        ("import os; os.sched_setaffinity(0, [0])", errno.EPERM),
        ("import os; os.nice(-1)", errno.EPERM),
        ("import fcntl; fcntl.lockf(open('x', 'w'), fcntl.LOCK_EX)", errno.EPERM),
        ("import os, fcntl; fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH)", errno.EPERM),
        ("import fcntl; fcntl.ioctl(1, 0x5412, b'x')", errno.ENOTTY),
        ("import fcntl; fcntl.fcntl(1, 1031, 1 << 20)", errno.EPERM),
        ("import os; os.kill(2, 9)", errno.ESRCH),
        ("import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))", None),
        ("open('big', 'wb').write(bytes(80 << 20))", errno.EFBIG),
    ],
)
def test_is_refused(run, source, expected):
    answer = run(source)
    assert (answer["kind"], answer.get("errno")) == ("raised", expected)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("unshare(0x10000000)", errno.EPERM),
        ("setns(0, 0)", errno.EPERM),
        ("mount(b'none', b'/job/scratch', b'tmpfs', 0, None)", errno.EPERM),
        ("umount2(b'/proc', 2)", errno.EPERM),
        ("ptrace(0, 0, 0, 0)", errno.EPERM),
        ("syscall(435, None, 0)", errno.ENOSYS),
        ("syscall(425, 1, None)", errno.EPERM),
        ("syscall(438, 0, 0, 0)", errno.EPERM),
        ("prctl(38, 0, 0, 0, 0)", errno.EPERM),
        ("prctl(4, 1, 0, 0, 0)", errno.EPERM),
        ("syscall(1000)", errno.ENOSYS),
    ],
    ids=lambda value: str(value).split("(")[0],
)
def test_system_call_is_refused(run, call, expected):
    assert run(raw(call))["result"] == expected


def test_child_is_alone_and_nobody(run):
    source = "import os; result = [os.getpid(), os.getppid(), os.getuid(), os.getgid(), os.uname().nodename]"
    assert run(source)["result"] == [1, 0, 65534, 65534, "sandbox"]


def test_environment_is_the_same_few_words(run):
    answer = run("import os; result = sorted(os.environ)")
    assert answer["result"] == [
        "HOME", "LC_ALL", "MALLOC_ARENA_MAX", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
        "PATH", "PYTHONHASHSEED", "TMPDIR", "TORCHINDUCTOR_CACHE_DIR", "TZ", "USER",
    ]  # fmt: skip


def test_arguments_and_path_do_not_name_the_grader(run):
    answer = run("import sys; result = [sys.argv, sys.orig_argv, [p for p in sys.path if 'grader' in p]]")
    assert answer["result"] == [[""], [""], []]


def test_hidden_folder_is_empty(run):
    assert run(f"import os; result = os.listdir({str(HIDDEN)!r})")["result"] == []


def test_only_five_files_are_open(run):
    source = """
import os
result = []
for fd in range(64):
    try:
        os.fstat(fd)
        result.append(fd)
    except OSError:
        pass
"""
    assert run(source)["result"] == [0, 1, 2, 3, 4]


def test_stdin_is_empty(run):
    assert run("input()")["type"] == "EOFError"


def test_thread_bomb_stops_early(run):
    source = """
import threading
held = threading.Event()
result = 0
try:
    while True:
        threading.Thread(target=held.wait, daemon=True).start()
        result += 1
except RuntimeError:
    pass
held.set()
"""
    assert run(source)["result"] == 31


@pytest.mark.parametrize("source", ["bytearray(20 << 30)", "a = []\nwhile True: a.append(bytes(8 << 20))"])
def test_memory_bomb_is_a_memory_error(run, source):
    assert run(source)["type"] == "MemoryError"


def test_scratch_folder_is_empty_and_small(run):
    source = """
import os
result = [os.getcwd(), os.listdir(".")]
try:
    for i in range(20):
        open(str(i), "wb").write(bytes(8 << 20))
except OSError as error:
    result.append(error.errno)
"""
    assert run(source)["result"] == ["/job/scratch", [], errno.ENOSPC]


def test_scratch_file_is_gone_in_the_next_child(run):
    run("open('left', 'w')")
    assert run("import os; result = os.listdir('.')")["result"] == []


def test_libraries_work(run):
    source = """
import numpy, torch
layer = torch.nn.LSTM(3, 4)
optimizer = torch.optim.Adam(layer.parameters())
layer(torch.randn(2, 5, 3))[0].sum().backward()
optimizer.step()
torch.save(layer.state_dict(), "weights.pt")
torch.load("weights.pt")
list(torch.utils.data.DataLoader(range(4), batch_size=2))
numpy.save("a.npy", numpy.linalg.svd(numpy.eye(3))[1])
import decimal, html.parser, sqlite3, zoneinfo  # not imported before the fork
result = float(numpy.load("a.npy").sum())
"""
    assert run(source)["result"] == 3.0


def test_new_child_sees_nothing_of_the_last(stub_server):
    with stub_server.fork(LIMITS) as child:
        ask(child, "import torch; torch.nn.functional.relu = 1; kept = 1")
    with stub_server.fork(LIMITS) as child:
        assert (
            ask(child, "import torch; result = callable(torch.relu) and 'kept' not in globals()")["result"]
            is True
        )
