"""Student code that tries to break out. Read as text and run in a child only; the host never imports it.

Every function returns THROUGH if it got what it wanted; a refusal is the OSError that the kernel answers with.
`planted` says where the doctor has laid bait: a folder, a port, a file of an earlier child, the digest of a secret.
"""

import ctypes
import errno
import fcntl
import gc
import glob
import hashlib
import mmap
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from typing import Any

THROUGH = "through"
Planted = dict[str, Any]
NUMBERS = {
    "x86_64": {"add_key": 248, "io_uring_setup": 425, "bpf": 321, "userfaultfd": 323, "kcmp": 312, "getpid": 39},
    "aarch64": {"add_key": 217, "io_uring_setup": 425, "bpf": 280, "userfaultfd": 282, "kcmp": 272, "getpid": 172},
}  # fmt: skip
_NEW_USER = 0x10000000
_SPARE_MB = 96
_KEY = 60701
_c = ctypes.CDLL(None, use_errno=True)


def attempt(name: str, planted: Planted) -> str:
    """Run one attack; return THROUGH, or the name of the error that stopped it."""
    try:
        return str(globals()[name](planted))
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "OSError")
    except (MemoryError, RuntimeError, ValueError) as error:
        return type(error).__name__


def _call(name: str, *arguments: Any) -> int:
    """Make a system call by name, or a call of the C library. Raises OSError."""
    numbers: dict[str, int] = NUMBERS.get(os.uname().machine, {})
    number = numbers.get(name)
    function: Any = getattr(_c, name) if number is None else _c.syscall
    words = arguments if number is None else (ctypes.c_long(number), *arguments)
    result = int(function(*words))
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result


def _reaches_the_kernel(name: str, *arguments: Any) -> str:
    """Make a call with arguments that its own code refuses; that refusal shows that no filter came first."""
    try:
        _call(name, *arguments)
    except OSError as error:
        if error.errno not in (errno.EFAULT, errno.EINVAL, errno.E2BIG, errno.EBADF, errno.ESRCH):
            raise
    return THROUGH


def _refuse_if(holds: bool, number: int) -> str:
    if holds:
        raise OSError(number, "refused")
    return THROUGH


# Files and secrets.


def read_passwd(planted: Planted) -> str:
    with open("/etc/passwd", "rb") as file:
        return _refuse_if(not file.read(1), errno.ENODATA)


def read_planted_file(planted: Planted) -> str:
    with open(planted["folder"] + "/secret.txt", "rb") as file:
        return _refuse_if(hashlib.sha256(file.read()).hexdigest() != planted["digest"], errno.ENODATA)


def write_planted_folder(planted: Planted) -> str:
    with open(planted["folder"] + "/written.txt", "w") as file:
        file.write("x")
    return THROUGH


def read_proc(planted: Planted) -> str:
    with open("/proc/self/maps", "rb") as file:
        return _refuse_if(not file.read(1), errno.ENODATA)


def list_root(planted: Planted) -> str:
    return _refuse_if(not os.listdir("/"), errno.ENODATA)


def find_the_secret(planted: Planted) -> str:
    texts = [*os.environ.values(), *sys.argv, *sys.orig_argv]
    texts += [item for item in gc.get_objects() if type(item) is str]
    for item in gc.get_objects():
        if type(item) is dict:
            texts += [value for value in list(item.values()) if type(value) is str]
    digests = (hashlib.sha256(text.encode(errors="replace")).hexdigest() for text in texts if len(text) == 32)
    return _refuse_if(planted["digest"] not in digests, errno.ENOENT)


def leave_a_file(planted: Planted) -> str:
    with open("left.txt", "w") as file:
        file.write("x")
    return THROUGH


def find_a_left_file(planted: Planted) -> str:
    os.stat("left.txt")
    return THROUGH


def leave_shared_memory(planted: Planted) -> str:
    _call("shmget", _KEY, ctypes.c_size_t(4096), 0o1600)
    return THROUGH


def find_left_shared_memory(planted: Planted) -> str:
    _call("shmget", _KEY, ctypes.c_size_t(0), 0)
    return THROUGH


# Other processes.


def fork(planted: Planted) -> str:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return THROUGH


def run_a_program(planted: Planted) -> str:
    loaders = glob.glob("/lib*/ld-linux*.so*") + glob.glob("/lib/*-linux-gnu/ld-linux*.so*")
    ended = subprocess.run([*loaders[:1], "--help"], stdout=subprocess.DEVNULL)
    return _refuse_if(ended.returncode != 0, errno.ENOEXEC)


def signal_the_server(planted: Planted) -> str:
    server = os.getppid()
    if server == 0:  # a parent in another process namespace has no number here
        raise ProcessLookupError(errno.ESRCH, "no parent")
    os.kill(server, 0)
    return THROUGH


def read_the_servers_memory(planted: Planted) -> str:
    here = ctypes.create_string_buffer(16)
    part = struct.pack("@PN", ctypes.addressof(here), 16)
    there = struct.pack("@PN", id(None), 16)
    _call("process_vm_readv", os.getppid() or 1, part, 1, there, 1, 0)
    return THROUGH


def trace(planted: Planted) -> str:
    _call("ptrace", 0, 0, 0, 0)
    return THROUGH


def share_a_session(planted: Planted) -> str:
    return _refuse_if(os.getpgid(0) == os.getpid(), errno.EPERM)


def read_the_host_name(planted: Planted) -> str:
    return _refuse_if(os.uname().nodename == "sandbox", errno.ENOENT)


# The network.


def open_an_internet_socket(planted: Planted) -> str:
    socket.socket(socket.AF_INET).close()
    return THROUGH


def open_a_local_socket(planted: Planted) -> str:
    socket.socketpair()[0].close()
    return THROUGH


def open_a_netlink_socket(planted: Planted) -> str:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()
    return THROUGH


def call_the_host(planted: Planted) -> str:
    with socket.create_connection(("127.0.0.1", planted["port"]), timeout=2):
        return THROUGH


# Privileges, and what the kernel offers.


def make_a_namespace(planted: Planted) -> str:
    _call("unshare", _NEW_USER)
    return THROUGH


def mount_a_folder(planted: Planted) -> str:
    _call("mount", b"none", os.fsencode(os.getcwd()), b"tmpfs", ctypes.c_ulong(0), None)
    return THROUGH


def change_the_root(planted: Planted) -> str:
    os.chroot(".")
    return THROUGH


def become_another_user(planted: Planted) -> str:
    # Its own number again: with the filter down, a number that it may have.
    os.setresuid(os.getuid(), os.getuid(), os.getuid())
    return THROUGH


def use_a_capability(planted: Planted) -> str:
    header = struct.pack("=Ii", 0x20080522, 0)
    data = ctypes.create_string_buffer(24)
    _call("capget", header, data)
    return _refuse_if(not any(data.raw[:4]), errno.EPERM)


def gain_privileges(planted: Planted) -> str:
    return _refuse_if(_call("prctl", 39, 0, 0, 0, 0) == 1, errno.EPERM)


def have_the_servers_user(planted: Planted) -> str:
    return _refuse_if(os.getuid() == 65534, errno.EPERM)


def use_keys(planted: Planted) -> str:
    _call("add_key", b"user", b"canary", b"x", ctypes.c_size_t(1), ctypes.c_int(-1))
    return THROUGH


def use_io_uring(planted: Planted) -> str:
    return _reaches_the_kernel("io_uring_setup", 0, None)


def use_bpf(planted: Planted) -> str:
    return _reaches_the_kernel("bpf", 99, None, 0)


def make_a_memory_file(planted: Planted) -> str:
    os.close(os.memfd_create("x"))
    return THROUGH


def compare_processes(planted: Planted) -> str:
    return _reaches_the_kernel("kcmp", os.getpid(), os.getpid(), 99, 0, 0)


def call_in_a_foreign_way(planted: Planted) -> str:
    # The 32-bit flavour of a call: a filter that looks at numbers only would be walked round.
    try:
        _call("syscall", ctypes.c_long(0x40000000 | NUMBERS[os.uname().machine]["getpid"]))
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
    return THROUGH


def lock_a_shared_file(planted: Planted) -> str:
    handle = os.open(os.__file__, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return THROUGH


def lock_a_range(planted: Planted) -> str:
    with open("locked", "w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
    return THROUGH


def control_a_device(planted: Planted) -> str:
    fcntl.ioctl(1, 0x541B, bytes(4))  # FIONREAD: how much waits in this pipe
    return THROUGH


# More than its share.


def raise_a_limit(planted: Planted) -> str:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return THROUGH


def take_memory(planted: Planted) -> str:
    mmap.mmap(-1, 1 << 30).close()
    return THROUGH


def start_many_threads(planted: Planted) -> str:
    held = threading.Event()
    try:
        for _ in range(40):
            threading.Thread(target=held.wait, daemon=True).start()
    finally:
        held.set()
    return THROUGH


def write_a_long_file(planted: Planted) -> str:
    with open("long", "wb") as file:
        file.truncate(_SPARE_MB << 20)
    return THROUGH


def fill_the_scratch_folder(planted: Planted) -> str:
    for number in range(3):
        with open(f"part{number}", "wb") as file:
            file.write(bytes(_SPARE_MB // 3 << 20))
    return THROUGH


def outstay(planted: Planted) -> str:
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    time.sleep(1)
    return THROUGH
