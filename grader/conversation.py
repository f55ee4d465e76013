"""The host's side of one job's conversation: forks children as they are needed, turns their answers into plain records.

A child that hangs, dies or breaks the wire format ends what was asked of it; what is asked next gets a fresh child, so
that one endless loop costs one check and not the question.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.guest.protocol import ProtocolError, pack
from grader.models.result import Status, Usage
from grader.models.rubric import Limits
from grader.models.value import Value
from grader.replies import BadValue, Loaded, Missing, Raised, Refused, Reply, Returned, Scanned, parse_reply
from grader.sandbox import Child, ChildEnded, ChildTimeout, ExitReport, ForkServer, JobLimits
from grader.wire import FrameValues

MAX_BROKEN_CHILDREN = 3
MAX_TIMEOUTS = 2


class Broken(Exception):
    """The child gave no answer that can be judged: status and sentence for the check that asked."""

    def __init__(self, status: Status, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.line = line


@dataclass(frozen=True)
class ForbidRule:
    """Constructs that one check's function may not use."""

    check: str
    target: str
    constructs: tuple[str, ...]


@dataclass(frozen=True)
class Sources:
    """What a child loads: the question's file by name, among all of the submission's files."""

    file: str
    files: Mapping[str, bytes]
    given: bytes | None
    forbid: tuple[ForbidRule, ...] = ()


class Conversation:
    """One submission × one question: a child, or one after another where student code ends them.

    Use as a context manager; leaving it ends the child. Host errors (a dead fork server) pass through.
    """

    def __init__(self, server: ForkServer, sources: Sources, limits: Limits) -> None:
        self._server = server
        self._sources = sources
        self._limits = limits
        self._child: Child | None = None
        self._broken: Broken | None = None
        self._timeouts = 0
        self._failures = 0
        self._started = time.monotonic()
        self.findings: dict[str, tuple[str, int]] = {}
        self.usage = Usage()
        self.printed = ""

    @property
    def generation(self) -> int:
        """Counts the children so far: what was built in an earlier one is gone."""
        return self.usage.children + (self._child is not None)

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def load(self) -> None:
        """Make sure that a child has the file loaded. Raises Broken, every time, if the file cannot be loaded."""
        if self._broken is not None:
            raise self._broken
        if self._child is not None:
            return
        self._check_budget()
        remaining_s = self._limits.job_s - (time.monotonic() - self._started)
        self._child = self._server.fork(
            JobLimits(job_s=max(remaining_s, 0.1), memory_mb=self._limits.memory_mb)
        )
        try:
            self._send_sources()
        except Broken as broken:
            self._broken = broken
            raise

    def ask(self, frame: bytes) -> tuple[Reply, bytes]:
        """Send one request and return the answer and its body. Raises Broken if none comes."""
        self.load()
        assert self._child is not None
        try:
            self._child.send(frame)
            return self._receive()
        except (ChildEnded, ChildTimeout, ProtocolError) as error:
            raise self._broke(error) from None

    def value(self, frame: bytes) -> Value:
        """Send one request and return the value that comes back. Raises Broken with the reason if there is none."""
        reply, body = self.ask(frame)
        if not isinstance(reply, Returned):
            raise broken_by(reply)
        try:
            values = FrameValues(body)
            value = values.value(reply.value)
            values.finish()
        except ProtocolError as error:
            raise self._broke(error) from None
        return value

    def timed_value(self, frame: bytes) -> tuple[Value, float]:
        """Return the value as `value` does, and the wall time in seconds that the answer took."""
        self.load()
        started = time.monotonic()
        value = self.value(frame)
        return value, round(time.monotonic() - started, 6)

    def _receive(self) -> tuple[Reply, bytes]:
        assert self._child is not None
        header, body = self._child.receive(limit_s=self._limits.call_s)
        return parse_reply(header), body

    def _send_sources(self) -> None:
        assert self._child is not None
        files = dict(self._sources.files)
        if self._sources.given is not None:
            files["given.py"] = self._sources.given
        header = {
            "kind": "load",
            "file": self._sources.file,
            "files": [[name, len(content)] for name, content in files.items()],
            "has_given": self._sources.given is not None,
            "forbid": [
                {"check": rule.check, "target": rule.target, "constructs": list(rule.constructs)}
                for rule in self._sources.forbid
            ],
        }
        try:
            self._child.send(pack(header, files.values()))
            scanned, _ = self._receive()
            if not isinstance(scanned, Scanned):
                raise ProtocolError("the scan comes first")
            # Only what was scanned before any of the student's code ran counts.
            self.findings = self.findings or {check: (what, line) for check, what, line in scanned.findings}
            reply, _ = self._receive()
        except (ChildEnded, ChildTimeout, ProtocolError) as error:
            raise self._broke(error, doing="while the file was loaded") from None
        if not isinstance(reply, Loaded):
            raise broken_by(reply)

    def _check_budget(self) -> None:
        if self._timeouts >= MAX_TIMEOUTS:
            raise Broken(Status.TIMEOUT, "not run: earlier calls of this file used up its time")
        if self._failures >= MAX_BROKEN_CHILDREN:
            raise Broken(
                Status.ERROR, "not run: earlier calls of this file ended its process again and again"
            )
        if time.monotonic() - self._started > self._limits.job_s:
            raise Broken(Status.TIMEOUT, f"not run: the file's {self._limits.job_s:g} s were used up")

    def _broke(self, error: Exception, *, doing: str = "") -> Broken:
        report = self._close()
        self._failures += 1
        if isinstance(error, ChildTimeout):
            self._timeouts += 1
            return Broken(Status.TIMEOUT, _join(f"no answer within {error.limit_s:g} s", doing))
        if isinstance(error, ProtocolError):
            return Broken(
                Status.INVALID, _join("the answer was not in the form that the grader reads", doing)
            )
        if report is not None and report.out_of_memory:
            return Broken(
                Status.MEMORY, _join(f"ran out of memory (limit {self._limits.memory_mb} MB)", doing)
            )
        how = report.status if report is not None else "ended"
        return Broken(Status.ERROR, _join(f"the process ended before it answered ({how})", doing))

    def _close(self) -> ExitReport | None:
        if self._child is None:
            return None
        child, self._child = self._child, None
        report = child.end()
        self.printed = (self.printed + report.log)[: 16 << 10]
        self.usage = Usage(
            wall_s=round(self.usage.wall_s + report.wall_s, 4),
            cpu_s=round(self.usage.cpu_s + report.cpu_s, 4),
            max_rss_mb=max(self.usage.max_rss_mb, report.max_rss_mb),
            children=self.usage.children + 1,
        )
        return report


def broken_by(reply: Reply) -> Broken:
    """Return the verdict that an answer without a value amounts to."""
    if isinstance(reply, Raised):
        return _raised(reply)
    if isinstance(reply, Missing):
        hint = f"; there is `{reply.similar[0]}`" if reply.similar else ""
        return Broken(Status.MISSING, f"the file does not define it{hint}")
    if isinstance(reply, BadValue):
        return Broken(
            Status.INVALID,
            f"got {reply.message}; hand in a tensor, an array, a number, a text, or a list of these",
        )
    if isinstance(reply, Refused):
        return Broken(
            Status.VIOLATION, f"this question is to be answered without {', '.join(reply.what)}", reply.line
        )
    return Broken(Status.INVALID, "the answer was not the one that was asked for")


def _raised(reply: Raised) -> Broken:
    if reply.type == "MemoryError" or "can't allocate memory" in reply.message:
        return Broken(Status.MEMORY, "ran out of memory", reply.line)
    where = f" ({reply.file} line {reply.line}" if reply.line else ""
    where += (f": {reply.source})" if reply.source else ")") if where else ""
    if reply.type == "InvalidSource":
        return Broken(Status.ERROR, f"{reply.file}: {reply.message}", reply.line)
    text = f"{reply.type}: {reply.message}" if reply.message else reply.type
    return Broken(Status.ERROR, f"{text}{where}", reply.line)


def _join(*words: str) -> str:
    return " ".join(word for word in words if word)


def guards_of(constructs: Sequence[str]) -> list[str]:
    """Return the engines that have to be shut at run time for these forbidden constructs."""
    return ["autograd"] if "autograd" in constructs else []
