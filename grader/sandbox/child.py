"""One confined child, seen from the host: send a frame, receive one, end it."""

from __future__ import annotations

import math
import os
import select
import signal
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from pydantic import Field

from grader.errors import ForkServerError
from grader.guest.protocol import FrameReader
from grader.models.base import Model
from grader.sandbox.limits import JobLimits
from grader.sandbox.link import Link
from grader.sandbox.log import CappedLog

_CHUNK = 1 << 20
_KILL_S = 2.0
_LOG_READS = 64
_LEAVE_S = 0.5
_FAULTS = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGKILL)
_OUT_OF_MEMORY_WORDS = ("MemoryError", "bad_alloc", "not enough memory", "annot allocate memory")


class ExitReport(Model):
    """How a child ended, measured outside it. The log alone is the child's own word."""

    status: str = Field(description="`exited 0`, `killed by signal 9`.")
    exit_code: int | None = None
    signal: int | None = None
    wall_s: float = 0.0
    cpu_s: float = 0.0
    max_rss_mb: float = 0.0
    log: str = Field("", description="The first 16 KiB of stdout and stderr.")
    log_dropped_bytes: int = 0
    timed_out: bool = Field(False, description="A time limit passed, the job's or that of one answer.")
    out_of_memory: bool = Field(
        False, description="A guess: it died as programs die that get no more memory."
    )
    ended_by_host: bool = Field(
        False, description="It was still there and was killed because nobody needed it."
    )


class ChildTimeout(Exception):
    """No answer within the limit; the child is still there until it is ended."""

    def __init__(self, limit_s: float, *, is_job_limit: bool) -> None:
        of = "the whole job" if is_job_limit else "one answer"
        super().__init__(f"over the limit of {limit_s:g} s for {of}")
        self.limit_s = limit_s
        self.is_job_limit = is_job_limit


class ChildEnded(Exception):
    """The child is gone, or closed its side, before it answered."""

    def __init__(self, exit: ExitReport) -> None:
        super().__init__(exit.status)
        self.exit = exit


class Child:
    """One job's process. Leaving the context kills it; any method raises ForkServerError if its server dies."""

    def __init__(
        self,
        number: int,
        limits: JobLimits,
        link: Link,
        pipes: tuple[int, int, int],
        abandon: Callable[[], None],
    ) -> None:
        """Take over `pipes`: inbox to write, outbox and log to read. `abandon` gives up a server for lost."""
        self._number = number
        self._limits = limits
        self._link = link
        self._abandon = abandon
        self._inbox, self._outbox, self._log_pipe = pipes
        self._started = time.monotonic()
        self._job_deadline = self._started + limits.job_s
        self._reader = FrameReader()
        self._log = CappedLog()
        self._report: dict[str, Any] | None = None
        self._exit: ExitReport | None = None
        self._timed_out = False
        self._is_killed = False
        self._is_lost = False
        self._is_outbox_open = True
        self._is_log_open = True
        for fd in pipes:
            os.set_blocking(fd, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_lost:
            return  # said already, to whoever asked for something
        try:
            self.end()
        except ForkServerError:
            if kind is None:
                raise

    def send(self, frame: bytes, *, limit_s: float = math.inf) -> None:
        """Send a whole frame. Raises ChildEnded, or ChildTimeout when `limit_s` or the job's time passes first."""
        view = memoryview(frame)
        deadline = time.monotonic() + limit_s
        while view:
            if self._report is not None:
                raise self._gone(self.end())
            if self._wait(self._inbox, select.POLLOUT, deadline, limit_s):
                view = view[self._write(view) :]

    def receive(self, *, limit_s: float) -> tuple[dict[str, Any], bytes]:
        """Return the next frame as (header, body).

        Raises ChildTimeout when `limit_s` or the job's time passes first, ChildEnded, or ProtocolError.
        """
        deadline = time.monotonic() + limit_s
        while True:
            frame = self._reader.take()
            if frame is not None:
                return frame
            if not self._is_outbox_open:
                raise self._gone(self._see_off())
            if self._wait(self._outbox, select.POLLIN, deadline, limit_s):
                self._read_outbox()

    @property
    def has_ended(self) -> bool:
        """Whether its end has been seen and its pipes are closed."""
        return self._inbox < 0

    def read_log(self) -> str:
        """Return what was printed since the last call, as far as it is here; what `end` reports starts after it."""
        for _ in range(_LOG_READS):  # a thread of the child may go on printing for ever
            if self._log_pipe < 0 or not self._drain_log():
                break
        log, self._log = self._log, CappedLog()
        return log.text

    def end(self) -> ExitReport:
        """Kill the child if it is still there, and say how it ended; a second call says the same.

        Raises ForkServerError if its server is gone or does not answer within 2 s.
        """
        if self._exit is None:
            if self._report is None:
                self._kill()
            self._finish()
        assert self._exit is not None
        return self._exit

    def _wait(self, pipe: int, events: int, deadline: float, limit_s: float) -> bool:
        """Wait for one pipe, taking log and report as they come; return if it is ready. Raises ChildTimeout."""
        now = time.monotonic()
        if now >= min(deadline, self._job_deadline):
            self._timed_out = True
            is_job_limit = self._job_deadline <= deadline
            raise ChildTimeout(self._limits.job_s if is_job_limit else limit_s, is_job_limit=is_job_limit)
        return self._gather(min(deadline, self._job_deadline) - now, pipe, events)

    def _gather(self, wait_s: float, pipe: int | None = None, events: int = 0) -> bool:
        poll = select.poll()
        if pipe is not None:
            poll.register(pipe, events)
        if self._is_log_open:
            poll.register(self._log_pipe, select.POLLIN)
        if self._report is None:
            poll.register(self._link.fileno(), select.POLLIN)
        ready = {fd for fd, _ in poll.poll(1e3 * wait_s + 1)}
        if self._log_pipe in ready:
            self._drain_log()
        if self._link.fileno() in ready:
            self._take_report()
        return pipe in ready

    def _write(self, view: memoryview) -> int:
        try:
            return os.write(self._inbox, view[:_CHUNK])
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            raise self._gone(self._see_off()) from None

    def _read_outbox(self) -> None:
        try:
            chunk = os.read(self._outbox, _CHUNK)
        except BlockingIOError:
            return
        if chunk:
            self._reader.feed(chunk)
        else:
            self._is_outbox_open = False

    def _drain_log(self) -> bool:
        """Read once; returns whether there may be more."""
        try:
            chunk = os.read(self._log_pipe, _CHUNK)
        except BlockingIOError:
            return False
        self._is_log_open = bool(chunk)
        self._log.add(chunk)
        return self._is_log_open

    def _take_report(self) -> None:
        try:
            self._report = self._link.receive()
        except ForkServerError:
            self._lose_server()
            raise

    def _gone(self, exit: ExitReport) -> ChildEnded | ChildTimeout:
        # The server's clock may strike before ours; to the caller it is the same limit.
        return ChildTimeout(self._limits.job_s, is_job_limit=True) if exit.timed_out else ChildEnded(exit)

    def _see_off(self) -> ExitReport:
        """Give a child that closed its side a moment to end by itself, then end it."""
        until = time.monotonic() + _LEAVE_S
        while self._report is None and (left_s := until - time.monotonic()) > 0:
            self._gather(left_s)
        return self.end()

    def _kill(self) -> None:
        try:
            self._link.send({"op": "kill", "number": self._number})
        except ForkServerError:
            self._lose_server()
            raise
        self._is_killed = True
        until = time.monotonic() + _KILL_S
        while self._report is None:
            left_s = until - time.monotonic()
            if left_s <= 0:
                self._lose_server()
                raise ForkServerError("the fork server did not kill a child within 2 s; start another one")
            self._gather(left_s)

    def _finish(self) -> None:
        assert self._report is not None
        while self._is_log_open and self._drain_log():
            pass
        self._close_pipes()
        if "failed" in self._report:
            wall, number, detail = self._report["failed"]
            raise ForkServerError(f"a child could not be confined: {wall}: {detail} (errno {number})")
        self._exit = self._exit_report(self._report)

    def _exit_report(self, report: dict[str, Any]) -> ExitReport:
        status = report["status"]
        timed_out = self._timed_out or report["timed_out"]
        log = self._log.text
        if status in (-signal.SIGKILL, -signal.SIGXCPU) and report["cpu_s"] > self._limits.job_s:
            timed_out = True  # the kernel's own limit on CPU time, met early by several threads
        is_fault = status < 0 and -status in _FAULTS and not timed_out and not self._is_killed
        return ExitReport(
            status=f"exited {status}" if status >= 0 else f"killed by signal {-status}",
            exit_code=status if status >= 0 else None,
            signal=-status if status < 0 else None,
            wall_s=report["wall_s"],
            cpu_s=report["cpu_s"],
            max_rss_mb=report["max_rss_mb"],
            log=log,
            log_dropped_bytes=self._log.dropped_bytes,
            timed_out=timed_out,
            out_of_memory=is_fault
            and (-status == signal.SIGKILL or any(word in log for word in _OUT_OF_MEMORY_WORDS)),
            ended_by_host=self._is_killed and not timed_out and status == -signal.SIGKILL,
        )

    def _lose_server(self) -> None:
        self._is_lost = True
        self._close_pipes()
        self._abandon()

    def _close_pipes(self) -> None:
        for fd in (self._inbox, self._outbox, self._log_pipe):
            if fd >= 0:
                os.close(fd)
        self._inbox = self._outbox = self._log_pipe = -1
        self._is_outbox_open = self._is_log_open = False
