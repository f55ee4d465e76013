"""Uses system calls that no exam needs."""

import ctypes

from prize import attempt, call

room = ctypes.create_string_buffer(256)
w = attempt(
    ring=lambda: call("io_uring_setup", 1, room),
    bpf=lambda: call("bpf", 0, room, 72),
    perf=lambda: call("perf_event_open", room, 0, -1, -1, 0),
    faults=lambda: call("userfaultfd", 1),
    keys=lambda: call("keyctl", 0, -3, 1),
    key=lambda: call("add_key", b"user", b"grader_attack_mark", b"x", 1, -3),
)
