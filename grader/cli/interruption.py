"""Ctrl-C and its like: the first asks a run to end in order, the second ends it at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from grader.cli import Interrupted

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SHOW_CURSOR = "\x1b[?25h"


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C, a scheduler's SIGTERM and a closed terminal raise KeyboardInterrupt, once.

    The second signal leaves with exit code 130 before anything is tidied up: each result is stored as it comes, and
    fork servers end when nobody holds their socket. A signal that is ignored (`nohup`) stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            _leave()
        asked.set()
        raise KeyboardInterrupt

    earlier = {number: signal.getsignal(number) for number in _SIGNALS}
    replaced = {number: handler for number, handler in earlier.items() if handler is not signal.SIG_IGN}
    for number in replaced:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)


def _leave() -> None:
    cursor = _SHOW_CURSOR if sys.stderr.isatty() else ""
    message = (
        f"{cursor}\ngrader: left at once; finished jobs are kept, run the same command again to resume\n"
    )
    os.write(2, message.encode())
    os._exit(Interrupted.exit_code)
