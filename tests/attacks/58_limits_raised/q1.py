"""Gives itself more than it was given."""

import os
import resource

from prize import attempt


def raised(kind):
    resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return True


w = attempt(
    memory=lambda: raised(resource.RLIMIT_AS),
    processes=lambda: raised(resource.RLIMIT_NPROC),
    cpu=lambda: raised(resource.RLIMIT_CPU),
    files=lambda: raised(resource.RLIMIT_NOFILE),
    nice=lambda: os.nice(-5),
    real=lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)) or True,
)
