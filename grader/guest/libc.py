"""The Linux calls that Python 3.11 does not offer, through ctypes; a failure carries its errno."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MADV_COLLAPSE = 25

MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_GET_SECCOMP = 21
PR_SET_SECCOMP = 22
PR_SET_SECUREBITS = 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
SECCOMP_MODE_FILTER = 2

# These calls have the same number on every machine, and older C libraries have no wrapper for them.
_CLOSE_RANGE = 436
_MOUNT_SETATTR = 442
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000

# User 0 gains nothing by executing a program, none are kept over a change of user, none are ambient; all of it locked.
_ROOT_IS_NOBODY = 0xEF

_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
# Declared, not wrapped argument by argument: a child makes fifty of these calls, 10 µs each otherwise.
_prctl = _libc.prctl
_prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
_madvise = _libc.madvise
_madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


class WallError(Exception):
    """A wall could not be raised. `number` is the errno, 0 where no system call failed."""

    def __init__(self, wall: str, number: int, detail: str) -> None:
        super().__init__(f"{wall}: {detail}")
        self.wall = wall
        self.number = number
        self.detail = detail


@contextmanager
def wall(name: str) -> Iterator[None]:
    """Turn an OSError of the block into a WallError of this wall."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise WallError(name, error.errno or 0, f"{error.strerror}{where}") from error


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call by number. Raises OSError."""
    return _checked(_libc.syscall(ctypes.c_long(number), *map(_word, arguments)), f"system call {number}")


def prctl(option: int, argument: int = 0) -> int:
    """Make a prctl call with one argument. Raises OSError."""
    return _checked(_prctl(option, argument, 0, 0, 0), f"prctl {option}")


def unshare(flags: int) -> None:
    """Move this process into namespaces of its own. Raises OSError."""
    _checked(_libc.unshare(ctypes.c_int(flags)), f"unshare {flags:#x}")


def setns(fd: int, kind: int) -> None:
    """Move this process into the namespace behind `fd`. Raises OSError."""
    _checked(_libc.setns(ctypes.c_int(fd), ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount `source` on `target`. Raises OSError with the target as its file name."""
    result = _libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode(),
    )
    _checked(result, target)


def unmount(target: str) -> None:
    """Take a mount away at once, open files or not. Raises OSError."""
    _checked(_libc.umount2(os.fsencode(target), ctypes.c_int(MNT_DETACH)), target)


def set_mount_flags(target: str, flags: int, *, recursive: bool) -> None:
    """Add read-only, nosuid, nodev, noexec to a mount; flags that it has already stay. Raises OSError."""
    attributes = struct.pack("=QQQQ", flags, 0, 0, 0)
    depth = _AT_RECURSIVE if recursive else 0
    syscall(_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), depth, attributes, len(attributes))


def pivot_root(new_root: str, old_root: str) -> None:
    """Make `new_root` the root of this mount namespace. Raises OSError."""
    _checked(_libc.pivot_root(os.fsencode(new_root), os.fsencode(old_root)), new_root)


def set_host_name(name: bytes) -> None:
    """Name the machine as this namespace sees it. Raises OSError."""
    _checked(_libc.sethostname(name, ctypes.c_size_t(len(name))), "sethostname")


def close_from(first_fd: int) -> None:
    """Close every file descriptor from `first_fd` on. Raises OSError."""
    syscall(_CLOSE_RANGE, first_fd, 0xFFFFFFFF, 0)


def drop_capabilities() -> None:
    """Give up every capability, and the ways to gain one. Raises OSError."""
    # One call in place of forty that empty the bounding set. It fails only where there is nothing to give up.
    _prctl(PR_SET_SECUREBITS, _ROOT_IS_NOBODY, 0, 0, 0)
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    _checked(_libc.capset(header, bytes(24)), "capset")


def effective_capabilities() -> int:
    """Return the capabilities that this process could use, as bits. Raises OSError."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    data = ctypes.create_string_buffer(24)
    _checked(_libc.capget(header, data), "capget")
    effective_low, _, _, effective_high, _, _ = struct.unpack("=6I", data.raw)
    return int(effective_low | effective_high << 32)


def load_filter(program: bytes) -> None:
    """Load a seccomp filter into this thread, for good. Raises OSError."""
    header = _FilterProgram(len(program) // 8, program)
    _checked(_prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(header), 0, 0), "seccomp")


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _word(argument: int | bytes | None) -> ctypes.c_long | bytes | None:
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def _checked(result: int, name: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return result


def collapse(address: int, size: int) -> bool:
    """Ask for huge pages in a range of this process's memory; tells whether it was granted."""
    return bool(_madvise(address, size, MADV_COLLAPSE) == 0)
