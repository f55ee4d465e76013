"""Fills the disk: one large file, many large files."""

import os

from prize import attempt


def one():
    with open("grader_attack_mark", "wb", buffering=0) as file:
        file.truncate(65 << 20)
    return True


def many():
    for number in range(40):
        with open(f"grader_attack_mark_{number}", "wb", buffering=0) as file:
            while os.fstat(file.fileno()).st_size < 16 << 20:
                file.write(bytes(1 << 20))
    return True


w = attempt(one=one, many=many)
