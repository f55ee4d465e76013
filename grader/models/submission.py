"""What a student handed in: bytes, read once. Nothing of it is ever imported on this side."""

from __future__ import annotations

from pydantic import Field

from grader.models.base import Model


class SourceFile(Model):
    """One file, by its name inside the submission (`q1.py`, `helpers/conv.py`)."""

    name: str
    content: bytes
    sha256: str


class Submission(Model):
    """One student's work on one exam. `name` is free text of the student's choosing: escape it wherever it is shown."""

    exam: str
    name: str
    files: tuple[SourceFile, ...] = Field(description="Python files, sorted by name.")
    prose: dict[str, str] = Field({}, description="Part id → the student's text, from `answers.md`.")
    problems: tuple[str, ...] = Field((), description="What could not be read, and why; one sentence each.")

    def file(self, name: str) -> SourceFile | None:
        """The file of this name, if the student handed it in."""
        return next((file for file in self.files if file.name == name), None)
