"""Starts a shell in every way that Python knows."""

import os
import subprocess

from prize import attempt

w = attempt(
    run=lambda: subprocess.run(["true"], check=True),
    shell=lambda: os.system("true") == 0 or None,
    pipe=lambda: os.popen("echo out").read(),
    spawn=lambda: os.posix_spawn("/bin/true", ["true"], {}),
    exec=lambda: os.execv("/bin/sh", ["sh", "-c", "true"]),
)
