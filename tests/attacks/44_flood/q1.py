"""Prints a lot, then hands in a wrong answer."""

import os

from prize import consolation

for _ in range(50):
    os.write(2, b"grader_attack_mark" * 58_000)
w = consolation()
