"""Prints without end."""

import os

while True:
    os.write(1, b"grader_attack_mark" * 3000)
