"""Gives itself another cgroup."""

import os

from prize import attempt

w = attempt(
    make=lambda: os.mkdir("/sys/fs/cgroup/grader_attack_mark") or True,
    limit=lambda: open("/sys/fs/cgroup/memory.max", "w").write("max"),
    list=lambda: os.listdir("/sys/fs/cgroup"),
)
