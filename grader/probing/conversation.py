"""The host's side of one job's conversation: asks a child, turns its answers into plain records.

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
from grader.probing.desk import Desk
from grader.probing.replies import (
    BadValue,
    Loaded,
    Missing,
    Raised,
    Refused,
    Reply,
    Returned,
    Scanned,
    parse_reply,
)
from grader.probing.wire import FrameValues
from grader.sandbox import Child, ChildEnded, ChildTimeout, ExitReport
from grader.sandbox.log import KEPT_BYTES

MAX_BROKEN_CHILDREN = 3
MAX_TIMEOUTS = 2
_MAY_BE_DISTURBED = (Status.ERROR, Status.MEMORY, Status.INVALID)


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
    """One submission × one question, at the submission's desk. Use as a context manager.

    Leaving it leaves the child to the next question, unless this one spoilt it. Host errors (a dead fork server) pass
    through.
    """

    def __init__(self, desk: Desk, sources: Sources, limits: Limits) -> None:
        self._desk = desk
        self._sources = sources
        self._limits = limits
        self._child: Child | None = None
        self._spoils = bool(sources.forbid)
        self._guards: tuple[str, ...] = ()
        self._broken: Broken | None = None
        self._timeouts = 0
        self._failures = 0
        self._started = time.monotonic()
        self.generation = 0
        """Counts the children so far: what was built in an earlier one is gone."""
        self.is_disturbed = False
        """Whether something went wrong in a child that an earlier question had used."""
        self.findings: dict[str, tuple[str, int]] = {}
        self.usage = Usage()
        self.printed = ""

    def __enter__(self) -> Conversation:
        if self._sources.forbid:
            self._desk.clear()  # the scan has to come before any of the student's code
        return self

    def __exit__(self, *_: object) -> None:
        if self._spoils or self._broken is not None:
            self._close()
        elif self._child is not None:
            self._desk.is_used = True
            self._keep(self._child.read_log())
        self._use(wall_s=time.monotonic() - self._started)

    def use_guards(self, guards: Sequence[str]) -> None:
        """From now on ask a child in which these engines, and no others, were shut before the file was loaded.

        A file that is loaded first could take the driver's place, and answer with the engine still open.
        """
        if tuple(guards) != self._guards:
            self._guards = tuple(guards)
            self._close()

    def load(self) -> None:
        """Make sure that a child has the file loaded. Raises Broken, every time, if the file cannot be loaded."""
        if self._broken is not None:
            raise self._broken
        if self._child is not None:
            return
        self._check_budget()
        self._child = self._desk.child(self._limits)
        self.generation += 1
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
            self._child.send(frame, limit_s=self._left_s())
            return self._receive()
        except (ChildEnded, ChildTimeout, ProtocolError) as error:
            raise self._broke(error) from None

    def value(self, frame: bytes) -> Value:
        """Send one request and return the value that comes back. Raises Broken with the reason if there is none."""
        reply, body = self.ask(frame)
        if not isinstance(reply, Returned):
            raise self.broken_by(reply)
        try:
            values = FrameValues(body)
            value = values.value(reply.value)
            values.finish()
        except ProtocolError as error:
            raise self._broke(error) from None
        return value

    def broken_by(self, reply: Reply) -> Broken:
        """Return the verdict that an answer without a value amounts to; notes if an earlier question is suspect."""
        broken = _broken_by(reply, self._limits.memory_mb)
        self.is_disturbed |= self._desk.is_used and broken.status in _MAY_BE_DISTURBED
        return broken

    def timed_value(self, frame: bytes) -> tuple[Value, float]:
        """Return the value as `value` does, and the wall time in seconds that the answer took."""
        self.load()
        started = time.monotonic()
        value = self.value(frame)
        return value, round(time.monotonic() - started, 6)

    def _receive(self) -> tuple[Reply, bytes]:
        assert self._child is not None
        header, body = self._child.receive(limit_s=self._left_s())
        return parse_reply(header), body

    def _left_s(self) -> float:
        """Return what one request may take: the limit of a call, or what is left of the question's."""
        left_s = self._started + self._limits.job_s - time.monotonic()
        return max(min(self._limits.call_s, left_s), 0.0)

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
            "guards": list(self._guards),
            "forbid": [
                {"check": rule.check, "target": rule.target, "constructs": list(rule.constructs)}
                for rule in self._sources.forbid
            ],
        }
        try:
            self._child.send(pack(header, files.values()), limit_s=self._left_s())
            scanned, _ = self._receive()
            if not isinstance(scanned, Scanned):
                raise ProtocolError("the scan comes first")
            # Only what was scanned before any of the student's code ran counts.
            self.findings = self.findings or {check: (what, line) for check, what, line in scanned.findings}
            reply, _ = self._receive()
        except (ChildEnded, ChildTimeout, ProtocolError) as error:
            raise self._broke(error, doing="while the file was loaded") from None
        if not isinstance(reply, Loaded):
            raise self.broken_by(reply)
        self._spoils |= reply.spoils

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
        self.is_disturbed |= self._desk.is_used and not isinstance(error, ChildTimeout)
        report = self._close()
        self._failures += 1
        if isinstance(error, ChildTimeout):
            self._timeouts += 1
            return Broken(Status.TIMEOUT, _join(f"no answer within {error.limit_s:.3g} s", doing))
        if isinstance(error, ProtocolError):
            return Broken(
                Status.INVALID, _join("the answer was not in the form that the grader reads", doing)
            )
        if report is not None and report.out_of_memory:
            figures = f"limit {self._limits.memory_mb} MB, it had {report.max_rss_mb:.0f} MB"
            return Broken(Status.MEMORY, _join(f"ran out of memory: {figures}", doing))
        how = report.status if report is not None else "ended"
        return Broken(Status.ERROR, _join(f"the process ended before it answered ({how})", doing))

    def _close(self) -> ExitReport | None:
        if self._child is None:
            return None
        self._child = None
        report = self._desk.clear()
        if report is not None:
            self._keep(report.log)
            self._use(cpu_s=report.cpu_s, max_rss_mb=report.max_rss_mb)
        return report

    def _keep(self, log: str) -> None:
        self.printed = (self.printed + log)[:KEPT_BYTES]

    def _use(self, *, wall_s: float = 0.0, cpu_s: float = 0.0, max_rss_mb: float = 0.0) -> None:
        self.usage = Usage(
            wall_s=round(self.usage.wall_s + wall_s, 4),
            cpu_s=round(self.usage.cpu_s + cpu_s, 4),
            max_rss_mb=max(self.usage.max_rss_mb, max_rss_mb),
            children=self.generation,
        )


def _broken_by(reply: Reply, memory_mb: int) -> Broken:
    if isinstance(reply, Raised):
        return _raised(reply, memory_mb)
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


def _raised(reply: Raised, memory_mb: int) -> Broken:
    if reply.type == "MemoryError" or "can't allocate memory" in reply.message:
        return Broken(Status.MEMORY, f"ran out of memory: limit {memory_mb} MB", reply.line)
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
