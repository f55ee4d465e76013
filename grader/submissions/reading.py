"""What is read of a submission so far, and the limits of it: sizes, counts, names; a sentence for what is left out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from grader.models.base import Model
from grader.models.submission import SourceFile

MAX_FILE = 1_000_000
MAX_FILES = 200
MAX_TOTAL = 10_000_000
MAX_UNPACKED = 50_000_000
MAX_ENTRIES = 5_000
MAX_DEPTH = 8
MAX_NAME = 255
MAX_PROBLEMS = 20

ANSWER_NAMES = ("answers.md", "answers.markdown", "answers.txt", "answer.md")
ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")
_DATA = (".pt", ".pth", ".pkl", ".pickle", ".npy", ".npz", ".safetensors", ".so", ".pyc")
_IGNORED = frozenset({"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"})


class HandedIn(Model):
    """The files that can matter, by relative name with `/`, sorted; a sentence for each that is not read."""

    files: tuple[SourceFile, ...] = ()
    problems: tuple[str, ...] = ()


def is_hidden(name: str) -> bool:
    """True for what tools leave behind (`.git`, `.DS_Store`, `__MACOSX`, `__pycache__`)."""
    return name.startswith(".") or name in _IGNORED


def clean_name(name: str) -> str:
    """Return a file name as text that can be stored: bytes that are not UTF-8 become `\\xNN`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def source_file(name: str, content: bytes) -> SourceFile:
    """Return a file with its digest."""
    return SourceFile(name=name, content=content, sha256=hashlib.sha256(content).hexdigest())


def megabytes(size: int) -> str:
    """Return a limit as people write it."""
    return f"{size // 1_000_000} MB"


@dataclass
class Reading:
    """The files of one submission, as they come."""

    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    entries: int = 0
    kept: int = 0
    spent: int = 0

    def report(self, sentence: str) -> None:
        """Note a problem once, and no more than `MAX_PROBLEMS` of them."""
        if sentence in self.problems:
            return
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(sentence)
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append("There are more problems of this kind.")

    def wants(self, name: str) -> bool:
        """Say whether a file of this name is to be read; reports what a student may believe is read."""
        lower = PurePosixPath(name).name.lower()
        if lower.endswith(".py") or lower in ANSWER_NAMES:
            return self._has_room(name)
        if lower.endswith(".ipynb"):
            self.report(f"{name} is a notebook; notebooks are not read yet: hand in Python files.")
        elif lower.endswith(ARCHIVES):
            self.report(f"{name} is an archive inside the submission; it is not opened.")
        elif lower.rpartition(".")[0] in ("answers", "answer"):
            self.report(f"{name} is not read; written answers belong in answers.md.")
        elif lower.endswith(_DATA):
            self.report(f"{name} is not read: of a submission, Python files and answers.md are.")
        return False

    def keep(self, name: str, content: bytes) -> None:
        """Take what was read of a file; one that is there already is replaced."""
        self.spent += len(content)
        if len(content) > MAX_FILE:
            self.report(f"{name} is larger than {megabytes(MAX_FILE)}; it is not read.")
            return
        kept = self.kept - len(self.files.get(name, b"")) + len(content)
        if kept > MAX_TOTAL:
            self.report(f"The submission is larger than {megabytes(MAX_TOTAL)}; {name} is not read.")
            return
        self.kept = kept
        self.files[name] = content

    def is_full(self) -> bool:
        """Count one more entry; say whether that is one too many."""
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            self.report(f"There are more than {MAX_ENTRIES} files; the rest is not looked at.")
        return self.entries > MAX_ENTRIES

    def result(self) -> HandedIn:
        """Return what was read."""
        files = tuple(source_file(name, content) for name, content in sorted(self.files.items()))
        return HandedIn(files=files, problems=tuple(self.problems))

    def _has_room(self, name: str) -> bool:
        if len(name) > MAX_NAME:
            self.report(f"{name[:40]}... is not read: its name is too long (over {MAX_NAME} letters).")
        elif len(self.files) >= MAX_FILES:
            self.report(f"There are more than {MAX_FILES} Python files; only the first {MAX_FILES} are read.")
        elif self.spent >= MAX_UNPACKED:
            # What is left out costs time as well: 5,000 files of 1 MB pack to nothing.
            self._report_size()
        else:
            return True
        return False

    def _report_size(self) -> None:
        """Said even where many other problems were said before: it explains them."""
        sentence = f"The submission unpacks to more than {megabytes(MAX_UNPACKED)}; the rest is not read."
        if sentence not in self.problems:
            self.problems.append(sentence)
