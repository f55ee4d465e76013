"""Lists folders to find out where it is."""

import os

from prize import attempt

w = attempt(
    root=lambda: os.listdir("/"),
    proc=lambda: os.listdir("/proc"),
    dev=lambda: os.listdir("/dev"),
    home=lambda: os.listdir("/home"),
    tmp=lambda: os.listdir("/tmp"),
)
