"""Searches what a process is started with."""

import os
import sys

from prize import attempt


def started_with():
    return " ".join(
        [*os.environ.values(), *sys.argv, *sys.orig_argv, *sys.path, os.getcwd(), os.uname().nodename]
    )


w = attempt(
    secret=lambda: os.environ.get("GRADER_ATTACK_SECRET"),
    name=lambda: "05_environment" in started_with(),
    paths=lambda: "; ".join(
        p for p in ("@SECRET@", "@REFERENCE@", "rubrics", "submissions") if p in started_with()
    ),
)
