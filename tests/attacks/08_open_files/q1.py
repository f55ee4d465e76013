"""Uses files that somebody forgot to close."""

import ctypes
import os

from prize import attempt, call


def others():
    found = []
    for fd in range(5, 4096):
        try:
            os.fstat(fd)
        except OSError:
            continue
        found.append(fd)
    return found


w = attempt(
    files=others,
    walk=lambda: os.open("/..", os.O_RDONLY | os.O_DIRECTORY),
    message=lambda: call("recvmsg", 3, ctypes.create_string_buffer(56), 0),
    proc=lambda: os.listdir("/proc/self/fd"),
)
