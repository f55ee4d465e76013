"""Changes who it is and what holds it."""

import ctypes
import os

from prize import attempt, call

room = ctypes.create_string_buffer(64)
w = attempt(
    user=lambda: os.setuid(0) or True,
    group=lambda: os.setgid(0) or True,
    groups=lambda: os.setgroups([0]) or True,
    personality=lambda: call("personality", 0x0040000),
    dumpable=lambda: call("prctl", 4, 1, 0, 0, 0),
    keep=lambda: call("prctl", 8, 1, 0, 0, 0),
    filter=lambda: call("prctl", 22, 2, room, 0, 0),
    second=lambda: call("seccomp", 1, 0, room),
)
