"""A YAML file as plain data that knows where each key and value stands, with all its problems at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.rubric.problem import Problem
from grader.rubric.yaml_syntax import Fault, text_faults
from grader.rubric.yaml_tree import Mark, YamlPath, YamlTree, read_tree

MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class YamlSource:
    """One YAML file: its data, the places of all of it, and what is wrong with it.

    `data` is None where the text stops being YAML (`is_complete` is False then). `broken` holds the paths
    whose values are stand-ins because a problem was reported there already.
    """

    file: str
    data: Any
    is_complete: bool
    problems: tuple[Problem, ...]
    broken: frozenset[YamlPath]
    keys: dict[YamlPath, Mark]
    values: dict[YamlPath, Mark]
    texts: dict[YamlPath, Mark]

    def value_mark(self, path: YamlPath) -> Mark:
        """Place of the value at `path`; of the nearest value around it where there is none."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Mark(1, 1))

    def key_mark(self, path: YamlPath) -> Mark:
        """Place of the key that ends `path`; of its value where it has no key (an item of a list)."""
        return self.keys.get(path) or self.value_mark(path)

    def text_mark(self, path: YamlPath, offset: int) -> Mark:
        """Place of a character inside the text at `path`, as exactly as the way it is written allows."""
        start = self.texts.get(path)
        return Mark(start.line, start.column + offset) if start else self.value_mark(path)

    def problem(self, mark: Mark, what: str, fix: str) -> Problem:
        """A problem of this file."""
        return Problem(self.file, mark.line, mark.column, what, fix)


def read_yaml(file: str, content: bytes) -> YamlSource:
    """Read one YAML 1.2 document; `file` is only for messages. Never raises on bad content."""
    if len(content) > MAX_BYTES:
        what = f"the file is larger than {MAX_BYTES} bytes"
        fix = "split the question, or make the data in its reference file"
        return _source(file, YamlTree(faults=[Fault(1, 1, what, fix)]))
    text, faults = decode(content)
    faults = faults or text_faults(text)
    return _source(file, YamlTree(faults=faults) if faults else read_tree(text))


def decode(content: bytes) -> tuple[str, list[Fault]]:
    """Decode UTF-8, with or without its signature; a fault says where it is something else."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", [Fault(1, 1, "the file is UTF-16", "save it as UTF-8")]
    try:
        return content.decode("utf-8").removeprefix("\ufeff"), []
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8").removeprefix("\ufeff")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return "", [Fault(line, column, "these bytes are not UTF-8 text", "save the file as UTF-8")]


def _source(file: str, tree: YamlTree) -> YamlSource:
    problems = tuple(Problem(file, *fault) for fault in sorted(set(tree.faults)))
    data = tree.data if tree.is_complete else None
    broken = frozenset(tree.broken)
    return YamlSource(file, data, tree.is_complete, problems, broken, tree.keys, tree.values, tree.texts)
