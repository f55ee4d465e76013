"""Multiplies itself."""

import multiprocessing
import os

from prize import attempt, call


def fork():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def pool():
    process = multiprocessing.get_context("fork").Process(target=print)
    process.start()
    return process


w = attempt(fork=fork, vfork=lambda: call("fork"), pool=pool)
