"""The folder of an exam to an `Exam`: reads all its files, reports every problem of all of them at once."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from grader.errors import RubricError, UserError
from grader.models.base import Model
from grader.models.rubric import Exam, ExamHeader, ProseCheck, Question
from grader.rubric.exam_check import check_question, checks_of, needs_reference
from grader.rubric.problem import Problem, did_you_mean, listing
from grader.rubric.reference_names import SourceNames, read_names
from grader.rubric.report import Report, Scope
from grader.rubric.schema import read_record
from grader.rubric.yaml_source import MAX_BYTES, decode, read_yaml

HEADER = "exam.yaml"

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class _Draft(Generic[M]):
    """A record as far as it could be read, and the problems of its file."""

    record: M
    report: Report


@dataclass(frozen=True, slots=True)
class _Paths:
    """Where the files of one exam are."""

    folder: Path
    references: Path

    @property
    def exam(self) -> str:
        return Path(os.path.abspath(self.folder)).name

    @property
    def header(self) -> Path:
        return self.folder / HEADER

    @property
    def given(self) -> Path:
        return self.folder / "given.py"

    def question(self, question: str) -> Path:
        return self.folder / f"{question}.yaml"

    def guide(self, part: str) -> Path:
        return self.folder / "guides" / f"{part}.md"

    def reference(self, question: str) -> Path:
        return self.references / f"{question}.py"


def find_exams(rubrics: Path) -> tuple[Path, ...]:
    """Return the folders in `rubrics` that hold an exam.yaml, sorted. Raises UserError if none does."""
    if not rubrics.is_dir():
        raise UserError(f"{rubrics}: no such folder\n  Name the folder that holds the exams: --rubric DIR.")
    found = tuple(sorted(path.parent for path in rubrics.glob(f"*/{HEADER}")))
    if found:
        return found
    if (rubrics / HEADER).exists():
        parent = rubrics / ".." if rubrics.name in ("", "..") else rubrics.parent
        raise UserError(
            f"{rubrics}: this is one exam\n  Name the folder that holds the exams: --rubric {parent}."
        )
    raise UserError(f"{rubrics}: no exam in this folder\n  An exam is a folder in it with an {HEADER}.")


def default_reference_root(rubrics: Path) -> Path:
    """Return the folder of reference files that belongs to a rubric folder: `reference` beside it."""
    return (rubrics / ".." if rubrics.name in ("", "..") else rubrics.parent) / "reference"


def load_exam(folder: Path, *, reference_root: Path) -> Exam:
    """Read one exam; its reference files are `reference_root/<name of folder>/<question>.py`.

    Raises RubricError with every problem of all files, sorted, one `file:line:column: what — fix` a line.
    """
    paths = _Paths(folder, reference_root / Path(os.path.abspath(folder)).name)
    problems: list[Problem] = []
    exam = _read_exam(paths, problems)
    if problems or exam is None:
        raise RubricError(listing(problems))
    return exam


def _read_exam(paths: _Paths, problems: list[Problem]) -> Exam | None:
    header = _read_draft(paths.header, ExamHeader, problems)
    if header is None:
        return None
    drafts = _read_questions(header, paths, problems)
    _check_header(header, drafts, paths)
    _check_parts(drafts)
    given, given_names = _read_python(paths.given, problems) if _is_there(paths.given) else (None, None)
    references, guides = {}, {}
    for question, draft in drafts.items():
        if draft is None:
            continue
        names = None
        if needs_reference(draft.record, draft.report):
            source, names = _read_reference(question, draft, paths, problems)
            references[question] = source
        guides.update(_read_guides(draft.record, paths, problems))
        scope = Scope(
            reference_file=str(paths.reference(question)),
            reference=names,
            given_file=str(paths.given),
            given=given_names,
            has_given=given is not None,
            guides_folder=str(paths.folder / "guides"),
            guides=frozenset(guides),
        )
        check_question(draft.record, draft.report, scope)
        problems += draft.report.problems
    problems += [*header.report.problems, *_strays(header, paths)]
    questions = tuple(draft.record for draft in drafts.values() if draft is not None)
    return Exam(header=header.record, questions=questions, given=given, references=references, guides=guides)


def _read_draft(path: Path, model: type[M], problems: list[Problem]) -> _Draft[M] | None:
    content = _read_bytes(path, problems)
    if content is None:
        return None
    source = read_yaml(str(path), content)
    problems += source.problems
    if not source.is_complete:
        return None
    reading = read_record(source, model)
    problems += reading.problems
    return None if reading.record is None else _Draft(reading.record, Report(source, reading.broken))


def _read_questions(
    header: _Draft[ExamHeader], paths: _Paths, problems: list[Problem]
) -> dict[str, _Draft[Question] | None]:
    """Read every listed question once; None for one that cannot be read."""
    drafts: dict[str, _Draft[Question] | None] = {}
    files = [path.stem for path in paths.folder.glob("*.yaml") if path.name != HEADER]
    for index, question in enumerate(header.record.questions):
        place = ("questions", index)
        if header.report.is_broken(place):
            continue
        if question in drafts:
            header.report.at(place, f"`{question}` is listed twice", "keep one of the two")
        elif not _is_there(paths.question(question)):
            fix = did_you_mean(question, files, otherwise="write it, or remove it from the list; there are")
            header.report.at(place, f"{paths.question(question)} does not exist", fix)
            drafts[question] = None
        else:
            drafts[question] = _read_draft(paths.question(question), Question, problems)
            _check_id(question, drafts[question])
    return drafts


def _check_id(question: str, draft: _Draft[Question] | None) -> None:
    if draft is not None and draft.record.question != question:
        what = f"the question calls itself `{draft.record.question}`, its file `{question}`"
        draft.report.at(("question",), what, f"write `question: {question}`, or rename the file")


def _check_header(
    header: _Draft[ExamHeader], drafts: dict[str, _Draft[Question] | None], paths: _Paths
) -> None:
    record, report = header.record, header.report
    if record.exam != paths.exam:
        what = f"the exam calls itself `{record.exam}`, its folder `{paths.exam}`"
        report.at(("exam",), what, f"write `exam: {paths.exam}`, or rename the folder")
    read = [
        draft for draft in drafts.values() if draft is not None and not draft.report.is_broken(("points",))
    ]
    total = math.fsum(draft.record.points for draft in read)
    is_known = len(read) == len(record.questions) and not report.holds_broken(("questions",))
    if is_known and abs(total - record.points) > 1e-9:
        what = f"the exam is worth {record.points:g} points, its questions add up to {total:g}"
        report.at(("points",), what, "correct the sum or a question")


def _check_parts(drafts: dict[str, _Draft[Question] | None]) -> None:
    """A part id names one row of the results: it may stand in one question only."""
    owners: dict[str, str] = {}
    for draft in drafts.values():
        for part in draft.record.parts if draft is not None else ():
            assert draft is not None
            source, path = draft.report.source, ("parts", part)
            if draft.report.is_broken(path):
                continue
            if part in owners:
                draft.report.at_key(
                    path, f"the part `{part}` is in {owners[part]} already", "give it another id"
                )
            else:
                owners[part] = f"{source.file}:{source.key_mark(path).line}"


def _read_reference(
    question: str, draft: _Draft[Question], paths: _Paths, problems: list[Problem]
) -> tuple[bytes, SourceNames | None]:
    path = paths.reference(question)
    if not _is_there(path):
        draft.report.at(
            ("question",), f"its reference file {path} does not exist", "write the right answers there"
        )
        return b"", None
    source, names = _read_python(path, problems)
    return source or b"", names


def _read_python(path: Path, problems: list[Problem]) -> tuple[bytes | None, SourceNames | None]:
    source = _read_bytes(path, problems)
    if source is None:
        return None, None
    names, found = read_names(str(path), source)
    problems += found
    return source, names


def _read_guides(question: Question, paths: _Paths, problems: list[Problem]) -> dict[str, str]:
    """The guides of the parts with prose, those that are there and say something."""
    guides: dict[str, str] = {}
    parts = dict.fromkeys(
        str(path[1]) for path, check in checks_of(question) if isinstance(check, ProseCheck)
    )
    for part in parts:
        content = _read_bytes(paths.guide(part), problems) if _is_there(paths.guide(part)) else b""
        text, faults = decode(content or b"")
        problems += [Problem(str(paths.guide(part)), *fault) for fault in faults]
        if text.strip() or faults:
            guides[part] = text
    return guides


def _strays(header: _Draft[ExamHeader], paths: _Paths) -> list[Problem]:
    """YAML files that no question list names: forgotten, or misspelt in the list."""
    if header.report.is_broken(("questions",)):
        return []
    files: Sequence[Path] = sorted([*paths.folder.glob("*.yaml"), *paths.folder.glob("*.yml")])
    listed = {HEADER, *(f"{question}.yaml" for question in header.record.questions)}
    what, fix = f"{paths.header} does not list this file", "add it to `questions:`, or remove it"
    return [
        Problem(str(path), 1, 1, what, fix if path.suffix == ".yaml" else "name it `.yaml`, and list it")
        for path in files
        if path.name not in listed and not path.name.startswith(".")
    ]


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)


def _read_bytes(path: Path, problems: list[Problem]) -> bytes | None:
    """Read a file of a rubric; None and a problem if it is not a readable file of moderate size."""
    what, fix = "not a plain file", "put a text file there"
    try:
        if path.is_file():
            with path.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
            if len(content) <= MAX_BYTES:
                return content
            what, fix = f"the file is larger than {MAX_BYTES} bytes", "make large data with code"
        elif not _is_there(path):
            what, fix = "the file does not exist", "write it"
    except OSError as error:
        what, fix = f"cannot be read: {error.strerror}", "check its permissions"
    problems.append(Problem(str(path), 1, 1, what, fix))
    return None
