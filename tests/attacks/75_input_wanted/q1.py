"""Asks the operator a question."""

import getpass
import os
import sys

from prize import attempt

w = attempt(
    input=lambda: input("how many points?"),
    password=lambda: getpass.getpass("root password: "),
    stdin=lambda: sys.stdin.read(),
    raw=lambda: os.read(0, 100),
)
