"""Takes memory outside its address space."""

import ctypes
import os

from prize import attempt, call

w = attempt(
    memfd=lambda: os.memfd_create("grader_attack_mark"),
    shm=lambda: call("shmget", 0, ctypes.c_size_t(1 << 20), 0o1600),
    queue=lambda: call("msgget", 0, 0o1600),
    semaphore=lambda: call("semget", 0, 1, 0o1600),
    posix=lambda: open("/dev/shm/grader_attack_mark", "w").fileno(),
)
