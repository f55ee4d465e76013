"""Detaches a process, or failing that a thread, which keeps every pipe open."""

import os
import threading
import time

from prize import attempt


def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(1000)
        os._exit(0)
    return True


w = attempt(
    daemon=daemon,
    session=os.setsid,
    thread=lambda: threading.Thread(target=time.sleep, args=(1000,)).start(),
)
