"""Traces, reads and robs other processes."""

import ctypes

from prize import attempt, call

room = ctypes.create_string_buffer(64)
w = attempt(
    trace=lambda: call("ptrace", 16, 1, 0, 0),
    read=lambda: call("process_vm_readv", 1, room, 1, room, 1, 0),
    write=lambda: call("process_vm_writev", 1, room, 1, room, 1, 0),
    descriptor=lambda: call("pidfd_getfd", 0, 0, 0),
    compare=lambda: call("kcmp", 1, 1, 0, 0, 0),
    open=lambda: call("pidfd_open", 1, 0),
)
