"""One thing that is wrong with a file, and where: the line that the author of a rubric reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A located problem; `line` and `column` count from 1. Sorts by place."""

    file: str
    line: int
    column: int
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what} — {self.fix}"


def listing(problems: Iterable[Problem]) -> str:
    """Return all problems, each once, sorted, one per line."""
    return "\n".join(str(problem) for problem in sorted(set(problems)))


def shown(value: Any) -> str:
    """Return a value of a rubric as short printable text."""
    text = (
        {True: "true", False: "false", None: "null"}[value]
        if value is None or value is True or value is False
        else None
    )
    if text is None:
        text = (
            "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else ascii(value)
        )
    return text if len(text) <= 60 else f"{text[:57]}..."


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """Return a fix that names the nearest known word, or `otherwise` followed by all of them."""
    choices = sorted(known)
    near = nearest(word, choices)
    if near:
        return f"did you mean `{near}`?"
    return f"{otherwise}: {', '.join(choices[:20])}" if choices else otherwise


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` is most likely a slip of, if there is one."""
    choices = {choice.lower(): choice for choice in sorted(known, reverse=True)}
    found = difflib.get_close_matches(word.lower(), choices, n=1, cutoff=0.6)
    return choices[found[0]] if found else None
