"""Poisons what is imported later."""

import importlib.util
import os

import torch

from prize import attempt

FOLDER = os.path.dirname(torch.__file__)
w = attempt(
    torch=lambda: open(torch.__file__, "a").write("x"),
    compiled=lambda: open(importlib.util.cache_from_source(torch.__file__), "r+b").write(b"x"),
    add=lambda: open(os.path.join(FOLDER, "grader_attack_mark.py"), "w").write("x"),
    remove=lambda: os.unlink(torch.__file__) or True,
    rename=lambda: os.rename(torch.__file__, torch.__file__ + ".grader_attack_mark") or True,
    link=lambda: os.symlink("/", os.path.join(FOLDER, "grader_attack_mark")) or True,
)
