"""Writes a program with a set-uid bit and runs it; loads a library of its own."""

import ctypes
import os
import shutil

import torch

from prize import attempt


def run():
    with open("grader_attack_mark", "w") as file:
        file.write("#!/bin/sh\nid\n")
    os.chmod("grader_attack_mark", 0o4755)
    os.execv("./grader_attack_mark", ["x"])


def library():
    shutil.copy(os.path.join(os.path.dirname(torch.__file__), "lib", "libshm.so"), "own.so")
    return ctypes.CDLL(os.path.abspath("own.so"))


w = attempt(run=run, library=library)
