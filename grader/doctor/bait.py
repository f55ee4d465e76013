"""Bait for the canaries: a secret in a file, in the environment and in memory, a folder open to all, a port."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.models.value import Value

_VARIABLE = "GRADER_CANARY"
_PLACES = ("/var/tmp", None)
_OUTSIDE = """
import json, runpy, sys
print(runpy.run_path(sys.argv[1])["attempt"](sys.argv[2], json.loads(sys.argv[3])))
"""
_OUTSIDE_S = 30


class Bait:
    """What lies about for an attack to find; `planted` says where. Use as a context manager."""

    def __init__(self) -> None:
        self._secret = secrets.token_hex(16)

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="grader-bait-", dir=_place()))
        # Open to all on purpose: what keeps a student's code out must be the walls, not the file's owner.
        self.folder.chmod(0o777)
        secret = self.folder / "secret.txt"
        secret.write_text(self._secret)
        secret.chmod(0o644)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=8)
        os.environ[_VARIABLE] = self._secret
        self.planted: dict[str, Value] = {
            "folder": str(self.folder),
            "port": int(self._listener.getsockname()[1]),
            "digest": hashlib.sha256(self._secret.encode()).hexdigest(),
        }
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.environ.pop(_VARIABLE, None)
        self._listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run_outside(self, source: Path, attack: str) -> str:
        """Run one of our own attacks in an ordinary process, in the bait's folder; return what came of it."""
        command = [sys.executable, "-I", "-c", _OUTSIDE, str(source), attack, json.dumps(self.planted)]
        try:
            ended = subprocess.run(
                command, cwd=self.folder, capture_output=True, text=True, timeout=_OUTSIDE_S, check=False
            )
        except subprocess.TimeoutExpired:
            return "timeout"
        return (ended.stdout.strip().splitlines() or ["no answer"])[-1]


def _place() -> str | None:
    """A folder that the control without a private root still shows: the root is built over /tmp."""
    return next((place for place in _PLACES if place is None or os.access(place, os.W_OK)), None)
