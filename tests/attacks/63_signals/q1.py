"""Sends signals to everybody it can think of."""

import os
import signal

from prize import attempt, call

w = attempt(
    everybody=lambda: os.kill(-1, signal.SIGKILL) or True,
    grader=lambda: os.kill(int("@PID@"), signal.SIGKILL) or True,
    stop=lambda: os.kill(int("@PID@"), signal.SIGSTOP) or True,
    second=lambda: os.kill(2, signal.SIGKILL) or True,
    queue=lambda: call("sigqueue", 2, 9, None),
)
