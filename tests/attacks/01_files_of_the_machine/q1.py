"""Reads files that hold secrets or other people's work."""

import os

from prize import attempt

w = attempt(
    passwd=lambda: open("/etc/passwd").read(),
    home=lambda: os.listdir("/root") + os.listdir("/home"),
    secret=lambda: open("@SECRET@").read(),
    reference=lambda: open("@REFERENCE@").read(),
    rubric=lambda: open("@RUBRIC@").read(),
    neighbour=lambda: open("@NEIGHBOUR@").read(),
)
