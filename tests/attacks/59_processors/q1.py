"""Moves to the processor that measures others."""

import os

from prize import attempt

w = attempt(affinity=lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)) or True)
