"""Talks to a neighbour by way of locks on a library's file."""

import fcntl
import os

from prize import attempt

shared = os.open(os.__file__, os.O_RDONLY)
w = attempt(
    shared=lambda: fcntl.flock(shared, fcntl.LOCK_SH) or True,
    whole=lambda: fcntl.flock(shared, fcntl.LOCK_EX) or True,
    record=lambda: fcntl.lockf(shared, fcntl.LOCK_SH) or True,
    open=lambda: fcntl.fcntl(shared, 37, bytes(32)),
    lease=lambda: fcntl.fcntl(shared, 1024, fcntl.F_RDLCK) or True,
    notify=lambda: fcntl.fcntl(shared, 1026, 1) or True,
    pipe=lambda: fcntl.fcntl(4, 1031, 1 << 20),
)
