"""Stands beside every attack in its submission: the right answer to q1 as the prize of a breach, and tools to try.

Run in the sandbox, and for the negative controls outside it, where the same attempts must bring the prize.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import struct
import time
from collections.abc import Callable
from typing import Any

# Numbers of calls that the C library has no function for: (x86_64, aarch64).
NUMBERS = {
    "add_key": (248, 217), "bpf": (321, 280), "clone3": (435, 435), "fsopen": (430, 430),
    "io_uring_setup": (425, 425), "kcmp": (312, 272), "keyctl": (250, 219), "kexec_load": (246, 104),
    "mq_open": (240, 180), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "perf_event_open": (298, 241), "pidfd_getfd": (438, 438), "pidfd_open": (434, 434),
    "pivot_root": (155, 41), "seccomp": (317, 277), "userfaultfd": (323, 282),
}  # fmt: skip
ONLY: frozenset[str] | None = None
"""Set by a negative control, outside the sandbox: what it lets run, and what has to come through there."""

_LIBC = ctypes.CDLL(None, use_errno=True)


class Held(Exception):
    """No attempt came through; the text says what each of them met."""


def prize() -> list[Any]:
    """The six filters of q1: full marks."""
    w = [[[[0.0] * 3 for _ in range(3)] for _ in range(3)] for _ in range(6)]
    for colour in range(3):
        for output, (row, column) in ((2 * colour, (2, 1)), (2 * colour + 1, (1, 2))):
            w[output][colour][1][1] = -1.0
            w[output][colour][row][column] = 1.0
    return w


def consolation() -> list[Any]:
    """An answer of the right shape that is worth nothing."""
    return [[[[7.0] * 3 for _ in range(3)] for _ in range(3)] for _ in range(6)]


def attempt(**tries: Callable[[], Any]) -> list[Any]:
    """Return the prize if any attempt brings something (a truth, or 0 from a system call); else raise Held."""
    if ONLY is not None:
        return _outside(tries)
    met = []
    for name, run in tries.items():
        try:
            got = run()
        except BaseException as error:
            met.append(f"{name} {_word(error)}")
        else:
            if got or type(got) in (int, float):
                return prize()
            met.append(f"{name} nothing")
    raise Held(", ".join(met))


def call(name: str, *arguments: Any) -> int:
    """Call a C function, or a system call of NUMBERS. Raises OSError; returns 0 where it came through."""
    if name in NUMBERS:
        number = NUMBERS[name][platform.machine() == "aarch64"]
        status = _LIBC.syscall(ctypes.c_long(number), *arguments)
    else:
        status = getattr(_LIBC, name)(*arguments)
    if status in (-1, 0xFFFFFFFF):
        raise OSError(ctypes.get_errno(), name)
    return 0


def frame(header: dict[str, Any] | bytes, body: bytes = b"") -> bytes:
    """A frame as the grader's own side would send it."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("!IQ", len(head), len(body)) + head + body


def forge(*frames: bytes) -> None:
    """Send bytes in the grader's own channel and never let the process say anything of its own."""
    for forged in frames:
        os.write(4, forged)
        os.read(3, 1 << 20)  # what is asked next
    time.sleep(1000)


LOADED = frame({"kind": "loaded", "spoils": False})


def _outside(tries: dict[str, Callable[[], Any]]) -> list[Any]:
    assert ONLY is not None
    refused = [name for name in sorted(ONLY) if not (got := tries[name]()) and got != 0]
    if refused:
        raise Held(", ".join(refused))
    return prize()


def _word(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno in errno.errorcode:
        return errno.errorcode[error.errno]
    return type(error).__name__
