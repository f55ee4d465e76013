"""The attacks of this folder as records, and their submissions laid out as a class hands them in."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.attacks.builders import AFTER_READING, BUILDERS

HERE = Path(__file__).parent
PATIENT = "snu_2021_midterm"
HURRIED = "hurried"
"""The same exam with a limit of 1.5 s a call, for attacks that are to run into it."""
BESIDE = "~beside"
"""Behind an attack's name: a right submission, graded right after it."""


@dataclass(frozen=True)
class Attack:
    """One hostile submission and the verdict that is required of it."""

    id: str
    slug: str
    number: int
    text: str
    question: str
    statuses: tuple[str, ...]
    points: float
    says: tuple[str, ...]
    notes: tuple[str, ...]
    printed: str
    within_s: float
    exam: str
    builder: str
    outside: tuple[str, ...]
    is_for_root: bool
    machine: str

    @property
    def can_run(self) -> bool:
        """Whether it can be built here."""
        return (os.geteuid() == 0 or not self.is_for_root) and self.machine in ("", platform.machine())

    @property
    def beside(self) -> str:
        """Name of the right submission that is graded after it."""
        return self.id + BESIDE


def attacks() -> tuple[Attack, ...]:
    """Return every attack of this folder, sorted by class."""
    return tuple(
        attack
        for file in sorted(HERE.glob("[0-9]*/expect.yaml"))
        for attack in _variants(file.parent.name, yaml.safe_load(file.read_text("utf-8")))
    )


def lay_out(attack: Attack, folder: Path, facts: dict[str, str]) -> None:
    """Write the attack's submission into the class folder; `facts` fill in the places that sources name `@SECRET@`."""
    place = folder / attack.exam / attack.id
    if attack.builder:
        BUILDERS[attack.builder](place, Path(facts["SECRET"]), attack.text)
    sources = list((HERE / attack.slug).glob("*.py"))
    if sources:
        place.mkdir(exist_ok=True)
    for source in sources:
        (place / source.name).write_text(filled(source, attack, facts), "utf-8")
        (place / "prize.py").write_bytes((HERE / "prize.py").read_bytes())


def filled(source: Path, attack: Attack, facts: dict[str, str]) -> str:
    """Return a source with the attack's variant and the facts of this run in their places."""
    text = re.sub(r"\bVARIANT\b", lambda _: attack.text, source.read_text("utf-8"))
    return re.sub(r"@([A-Z]+)@", lambda found: facts[found[1]], text)


def after_reading(attack: Attack, folder: Path) -> None:
    """Change what was handed in once the grader has read it, where that is the attack."""
    if attack.builder in AFTER_READING:
        AFTER_READING[attack.builder](folder / attack.exam / attack.id)


def _variants(slug: str, expect: dict[str, Any]) -> list[Attack]:
    variants = expect.pop("variants", {"": ""})
    return [
        _attack(slug, name, expect | (variant if isinstance(variant, dict) else {"text": variant}))
        for name, variant in variants.items()
    ]


def _attack(slug: str, name: str, expect: dict[str, Any]) -> Attack:
    return Attack(
        id=f"{slug}-{name}" if name else slug,
        slug=slug,
        number=expect["class"],
        text=expect.get("text", ""),
        question=expect.get("question", "q1"),
        statuses=tuple(expect["status"].split("|")),
        points=expect.get("points", 0),
        says=tuple(expect.get("says", ())),
        notes=tuple(expect.get("notes", ())),
        printed=expect.get("printed", ""),
        within_s=expect.get("within_s", 30),
        exam=HURRIED if expect.get("hurried") else PATIENT,
        builder=expect.get("builder", ""),
        outside=tuple(expect.get("outside", ())),
        is_for_root=expect.get("needs_root", False),
        machine=expect.get("machine", ""),
    )
