"""Collects the problems of one rubric file while it is compared with itself and with other files."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.rubric.problem import Problem, did_you_mean
from grader.rubric.reference_names import SourceNames
from grader.rubric.yaml_source import YamlSource
from grader.rubric.yaml_tree import YamlPath


@dataclass(slots=True)
class Report:
    """The problems of one file. At a broken path is a stand-in: nothing is reported there again."""

    source: YamlSource
    broken: frozenset[YamlPath]
    problems: list[Problem] = field(default_factory=list)

    def is_broken(self, path: YamlPath) -> bool:
        """A problem is known at this path or around it."""
        return any(path[:end] in self.broken for end in range(len(path) + 1))

    def holds_broken(self, path: YamlPath) -> bool:
        """A problem is known at this path, around it or inside of it."""
        return self.is_broken(path) or any(known[: len(path)] == path for known in self.broken)

    def at(self, path: YamlPath, what: str, fix: str) -> None:
        """Report a problem of the value at `path`."""
        if not self.is_broken(path):
            self.problems.append(self.source.problem(self.source.value_mark(path), what, fix))

    def at_key(self, path: YamlPath, what: str, fix: str) -> None:
        """Report a problem of the key at `path`."""
        if not self.is_broken(path):
            self.problems.append(self.source.problem(self.source.key_mark(path), what, fix))

    def at_text(self, path: YamlPath, offset: int, what: str, fix: str) -> None:
        """Report a problem of one character of the text at `path`."""
        if not self.is_broken(path):
            self.problems.append(self.source.problem(self.source.text_mark(path, offset), what, fix))


@dataclass(frozen=True, slots=True)
class Scope:
    """What the other files of an exam offer to one question.

    `reference` and `given` are None where the file is missing or not Python; `has_given`: it is there.
    `guides` holds the parts that have a guide.
    """

    reference_file: str
    reference: SourceNames | None
    given_file: str
    given: SourceNames | None
    has_given: bool
    guides_folder: str
    guides: frozenset[str]

    def given_names(self) -> frozenset[str] | None:
        """The names of given.py; None if they cannot be known."""
        if not self.has_given:
            return frozenset()
        return None if self.given is None or self.given.is_open else self.given.names


def require_name(report: Report, path: YamlPath, name: str, defined: SourceNames | None) -> bool:
    """Report a name that a reference file does not define; True if it does."""
    if defined is None:
        return False
    if not defined.defines(name):
        fix = did_you_mean(name, defined.names, otherwise="define it at top level; it has")
        report.at(path, f"{defined.file} does not define `{name}`", fix)
    return name in defined.names
