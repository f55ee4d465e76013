"""YAML parser events to plain data and the place of each key and value, without expanding anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import yaml

from grader.rubric.problem import shown
from grader.rubric.yaml_scalar import Scalar, resolve
from grader.rubric.yaml_syntax import Fault, tab_faults, unquoted_call, yaml_fault

YamlPath: TypeAlias = tuple[str | int, ...]

MAX_NESTING = 30
MAX_FAULTS = 200

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Mark(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int


@dataclass(slots=True)
class YamlTree:
    """What was read of a text. `texts` has the place of the first character of each one-line scalar."""

    data: Any = None
    is_complete: bool = False
    faults: list[Fault] = field(default_factory=list)
    broken: set[YamlPath] = field(default_factory=set)
    keys: dict[YamlPath, Mark] = field(default_factory=dict)
    values: dict[YamlPath, Mark] = field(default_factory=dict)
    texts: dict[YamlPath, Mark] = field(default_factory=dict)


def read_tree(text: str) -> YamlTree:
    """Read one document. Never raises on bad text: the tree is incomplete then, and says why."""
    reader = _Reader(text)
    reader.tree.is_complete = reader.run()
    if not reader.tree.is_complete:
        lines = {fault.line for fault in reader.tree.faults}
        reader.tree.faults += [fault for fault in tab_faults(text) if fault.line not in lines]
    return reader.tree


@dataclass(slots=True)
class _Frame:
    """A collection that is being read. `path` is None inside of what is thrown away; `key` None likewise."""

    data: dict[str, Any] | list[Any]
    path: YamlPath | None
    is_flow: bool
    key: str | None = None
    awaits_key: bool = True


class _Reader:
    """Builds the tree from parser events: depth never becomes recursion, an alias is only a word."""

    def __init__(self, text: str) -> None:
        self.tree = YamlTree()
        self._text = text
        self._frames: list[_Frame] = []
        self._swallow_until = 0

    def run(self) -> bool:
        """Read to the end; False if reading had to stop before it."""
        try:
            for event in yaml.parse(self._text, Loader=_Loader):
                if not self._take(event) or len(self.tree.faults) >= MAX_FAULTS:
                    return False
        except yaml.YAMLError as error:
            fault = yaml_fault(error, self._text)
            if fault.line not in {known.line for known in self.tree.faults}:
                self.tree.faults.append(fault)
            return False
        return True

    def _take(self, event: yaml.Event) -> bool:
        """Take one event; False ends the reading."""
        if isinstance(event, yaml.DocumentStartEvent):
            return self._document(event)
        if isinstance(event, yaml.AliasEvent):
            self._report(
                event,
                f"`*{event.anchor}` repeats another value",
                "write the value out; aliases are not used here",
            )
            self._place(None, event, is_broken=True)
        elif isinstance(event, yaml.ScalarEvent):
            self._refuse_decoration(event)
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse_decoration(event)
            if len(self._frames) >= MAX_NESTING:
                self._report(event, f"nested deeper than {MAX_NESTING} levels", "flatten the data")
                return False
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._frames.pop()
        return True

    def _document(self, event: yaml.DocumentStartEvent) -> bool:
        if self.tree.values:
            self._report(event, "a second document begins here", "keep one document a file")
            return False
        if event.version is not None or event.tags:
            self._report(event, "a `%` directive", "remove the line; files are read as YAML 1.2")
        return True

    def _refuse_decoration(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._report(
                event, f"`&{event.anchor}` names a value for reuse", "remove it; aliases are not used here"
            )
        if event.tag is not None:
            self._report(
                event,
                f"the tag `{shown(event.tag)[1:-1]}`",
                "remove it; a value's kind follows from how it is written",
            )

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        frame = self._frames[-1] if self._frames else None
        value, is_broken = self._resolve(event)
        if frame is not None and isinstance(frame.data, dict) and frame.awaits_key:
            self._key(frame, event, value)
            return
        call = unquoted_call(self._text, _index(event)) if self._may_be_cut(event, frame) else None
        if call:
            self._report(
                event,
                f"without quotes, a comma ends the value: this one is cut off in `{call}`",
                f'write "{call}"',
            )
            value, is_broken = call, True
        self._place(value, event, is_broken=is_broken)
        if call:
            self._swallow_until = _index(event) + len(call)

    def _may_be_cut(self, event: yaml.ScalarEvent, frame: _Frame | None) -> bool:
        is_plain_in_flow = not event.style and frame is not None and frame.is_flow
        return is_plain_in_flow and event.value.count("(") > event.value.count(")")

    def _resolve(self, event: yaml.ScalarEvent) -> tuple[Scalar, bool]:
        if event.style or event.tag is not None:
            return event.value, False
        try:
            return resolve(event.value), False
        except ValueError as error:
            self._report(event, str(error), "write a smaller number")
            return 0, True

    def _key(self, frame: _Frame, event: yaml.ScalarEvent, value: Scalar) -> None:
        frame.awaits_key, frame.key = False, None
        if frame.path is None or _index(event) < self._swallow_until:
            return
        path = (*frame.path, event.value)
        if event.value == "<<" and not event.style:
            self._report(event, "`<<` merges another mapping", "write its keys out; merging is not used here")
        elif not isinstance(value, str):
            self._report(
                event,
                f"the key `{event.value}` is read as {_kind(value)}, not as a name",
                f'write "{event.value}"',
            )
            self.tree.broken.add(path)
        elif path in self.tree.keys:
            first = self.tree.keys[path]
            self._report(
                event, f"`{event.value}` stands twice, first on line {first.line}", "keep one of the two"
            )
        else:
            frame.key = event.value
            self.tree.keys[path] = _mark(event)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        data: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        frame = self._frames[-1] if self._frames else None
        path: YamlPath | None
        if frame is not None and isinstance(frame.data, dict) and frame.awaits_key:
            self._report(event, "a key that is itself a list or a mapping", "use a plain name as the key")
            frame.awaits_key, frame.key, path = False, None, None
        else:
            path = self._place(data, event)
        self._frames.append(_Frame(data, path, bool(event.flow_style)))

    def _place(self, value: Any, event: yaml.Event, *, is_broken: bool = False) -> YamlPath | None:
        """Put a value where it belongs; returns its path, None if it was thrown away."""
        path = self._attach(value, event)
        if path is not None:
            self.tree.values[path] = _mark(event)
            start = _text_start(event)
            if start:
                self.tree.texts[path] = start
            if is_broken:
                self.tree.broken.add(path)
        return path

    def _attach(self, value: Any, event: yaml.Event) -> YamlPath | None:
        if not self._frames:
            self.tree.data = value
            return ()
        frame = self._frames[-1]
        is_wanted = frame.path is not None and _index(event) >= self._swallow_until
        if isinstance(frame.data, dict):
            key, frame.key = frame.key, None
            is_value, frame.awaits_key = not frame.awaits_key, True
            if not is_wanted or key is None or not is_value or frame.path is None:
                return None
            frame.data[key] = value
            return (*frame.path, key)
        if not is_wanted or frame.path is None:
            return None
        frame.data.append(value)
        return (*frame.path, len(frame.data) - 1)

    def _report(self, event: yaml.Event, what: str, fix: str) -> None:
        self.tree.faults.append(Fault(*_mark(event), what, fix))


def _mark(event: yaml.Event) -> Mark:
    start: Any = event.start_mark
    return Mark(start.line + 1, start.column + 1)


def _index(event: yaml.Event) -> int:
    start: Any = event.start_mark
    return int(start.index)


def _text_start(event: yaml.Event) -> Mark | None:
    """Where the text of a scalar begins, if each of its characters stands for itself on one line."""
    if not isinstance(event, yaml.ScalarEvent) or event.tag is not None or event.anchor is not None:
        return None
    quotes = 1 if event.style in ("'", '"') else 0
    start: Any = event.start_mark
    end: Any = event.end_mark
    if start.line != end.line or end.index - start.index - 2 * quotes != len(event.value):
        return None
    return Mark(start.line + 1, start.column + 1 + quotes)


def _kind(value: Scalar) -> str:
    return "empty" if value is None else "true or false" if isinstance(value, bool) else "a number"
