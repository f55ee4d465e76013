"""The child's side of a job's conversation: one request, one answer, until the host hangs up or ends it.

Everything here shares its process with student code, so it holds nothing worth stealing: the inputs of the current
request and no more. Expected values, rubrics and references of other parts never come in.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from grader.guest import failure, guard, loader, protocol, state
from grader.guest.modules import ModuleProbe
from grader.guest.probes import Answer, Request, call, make, refused, value
from grader.guest.scan import scan_rules
from grader.guest.source import InvalidSource, parse

_CHUNK = 1 << 20
_MAX_FINDINGS = 100


def serve(inbox: int, outbox: int) -> None:
    """Answer requests from `inbox` on `outbox` (file descriptors) until the host hangs up."""
    session = Session()
    reader = protocol.FrameReader()
    while True:
        frame = reader.take()
        if frame is None:
            chunk = os.read(inbox, _CHUNK)
            if not chunk:
                return
            reader.feed(chunk)
            continue
        for answer in session.answer(*frame):
            _flush()  # the host ends this process without a word; what was printed has to be out by then
            _write(outbox, answer)


class Session:
    """One submission's file, loaded, and what was built from it; another file takes its place with the next `load`."""

    def __init__(self) -> None:
        self._folder = os.getcwd()
        self.module: ModuleType | None = None
        self.given: ModuleType | None = None
        self.files: frozenset[str] = frozenset()
        self.probe: ModuleProbe | None = None
        self._cut_short: Answer | None = None

    def answer(self, header: dict[str, Any], body: bytes) -> Iterator[Answer]:
        """Yield the answers to one request; what is yielded has to be sent before the next is asked for."""
        if header["kind"] == "load":
            yield from self._load(header, body)
        else:
            yield self._answer(header, body)

    def _answer(self, header: dict[str, Any], body: bytes) -> Answer:
        handlers: dict[str, Callable[[Request], Answer]] = {"value": value, "call": call, "make": make}
        request = Request(header, body, self.module, self.given, self.files)
        if header["kind"] in handlers:
            answer = handlers[header["kind"]](request)
            if answer.header["kind"] == "missing" and self._cut_short is not None:
                return self._cut_short
            return answer
        if header["kind"] == "build":
            self.probe = ModuleProbe()
        assert self.probe is not None, "the host builds a module before it asks for more"
        return self.probe.answer(request)

    def _load(self, header: dict[str, Any], body: bytes) -> Iterator[Answer]:
        sources = _split(header["files"], body)
        given = sources.pop("given.py", None) if header["has_given"] else None
        self.files = frozenset(sources)
        name = header["file"]
        # Out before the file runs, or the file could send findings of its own in front of these.
        yield Answer({"kind": "scanned", "findings": _findings(sources[name], header["forbid"])})
        try:
            if self.probe is not None or self.module is not None:
                state.reset(self._folder)
                loader.forget()
            if given is not None:
                self.given = loader.load("given.py", given)
            self.probe = None
            ran = loader.install(sources)
            self.module = loader.make(name)
            self._run(name, sources[name], header["guards"])
        except BaseException as error:
            yield Answer({"kind": "raised", **failure.describe(error, self.files)})
            return
        spoils = any(state.may_change_libraries(sources[file]) for file in (name, *ran()))
        yield Answer({"kind": "loaded", "spoils": spoils})

    def _run(self, name: str, source: bytes, guards: list[str]) -> None:
        """Run the file behind the guards that its answers will be asked for behind.

        A file of which a guard refuses a line, a student's own test at its end, say, is loaded up to that line.
        """
        assert self.module is not None
        self._cut_short = None
        if "autograd" in guards:
            guard.shut_autograd()
        try:
            loader.execute(source, name, self.module)
        except Exception as error:
            if not guard.refusals():
                raise
            self._cut_short = refused(guard.refusals(), failure.describe(error, self.files).get("line"))
        guard.forgive()


def _findings(source: bytes, rules: list[dict[str, Any]]) -> list[list[Any]]:
    if not rules:
        return []
    try:
        listed = [(rule["check"], rule["target"], tuple(rule["constructs"])) for rule in rules]
        found = scan_rules(parse(source), listed)
    except (InvalidSource, RecursionError):
        return []  # loading the file meets the same problem, and tells it with its line
    return [[check, finding.construct, finding.line] for check, finding in found[:_MAX_FINDINGS]]


def _split(files: list[list[Any]], body: bytes) -> dict[str, bytes]:
    sources, offset = {}, 0
    for name, size in files:
        sources[name] = body[offset : offset + size]
        offset += size
    return sources


def _write(outbox: int, answer: Answer) -> None:
    view = memoryview(protocol.pack(answer.header, answer.body))
    while view:
        view = view[os.write(outbox, view) :]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            return
