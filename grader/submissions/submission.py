"""Find the submissions of a class: which folder belongs to which exam, and what each student handed in."""

from __future__ import annotations

import itertools
import os
import stat
from collections import Counter
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from grader.errors import UserError
from grader.models.base import Model
from grader.models.rubric import Exam, ProseCheck
from grader.models.submission import SourceFile, Submission
from grader.submissions.answers_md import Answers, read_answers
from grader.submissions.reading import ANSWER_NAMES, ARCHIVES, HandedIn, clean_name, is_hidden, source_file
from grader.submissions.shadowing import shadowing_notes
from grader.submissions.submission_files import read_folder, read_single, read_zip

SINGLE_FILE = "exam.py"


class ExamLayout(Model):
    """What finding submissions needs of an exam: the files it asks for, the ids headings may name."""

    exam: str
    files: tuple[str, ...]
    parts: tuple[str, ...]
    prose_parts: tuple[str, ...] = ()

    @classmethod
    def of(cls, exam: Exam) -> ExamLayout:
        """Return the layout of a loaded exam."""
        return cls(
            exam=exam.id,
            files=tuple(question.file for question in exam.questions),
            parts=exam.part_ids,
            prose_parts=tuple(
                part
                for question in exam.questions
                for part, checks in question.parts.items()
                if any(isinstance(check, ProseCheck) for check in checks)
            ),
        )


class ExamFolder(Model):
    """The folder that holds the submissions to one exam."""

    exam: str
    path: Path


def find_submissions(folder: Path, exams: Collection[ExamLayout]) -> tuple[Submission, ...]:
    """Read every submission below `folder`, sorted by exam and name.

    Raises UserError if the folder is missing, holds nothing to grade, or does not say which exam it is.
    """
    layouts = {layout.exam: layout for layout in exams}
    return read_submissions(exam_folders(folder, tuple(layouts)), exams)


def exam_folders(
    folder: Path, exam_ids: Collection[str], wanted: str | None = None
) -> tuple[ExamFolder, ...]:
    """Say which exam each folder belongs to: by its subfolders' names, its own name, or as the only exam.

    `wanted` is the exam that the operator named; only that one is returned. Raises UserError if unclear.
    """
    if wanted is not None and wanted not in exam_ids:
        raise UserError(
            f"--exam {wanted}: there is no such exam\n  Known exams: {', '.join(sorted(exam_ids))}."
        )
    names = _list_folder(folder)
    found = [name for name in names if name in exam_ids and (folder / name).is_dir()]
    if found:
        _refuse_strangers(folder, names, exam_ids)
        if wanted is not None and wanted not in found:
            raise UserError(f"{folder}: has no folder {wanted}\n  It has: {', '.join(found)}.")
        return tuple(ExamFolder(exam=name, path=folder / name) for name in found if wanted in (None, name))
    own_name = folder.resolve().name
    if own_name in exam_ids and wanted not in (None, own_name):
        raise UserError(
            f"{folder}: is named after the exam {own_name}, but --exam says {wanted}\n"
            "  Leave --exam out, or give the other folder."
        )
    exam = wanted or (own_name if own_name in exam_ids else None)
    if exam is None and len(exam_ids) != 1:
        raise UserError(
            f"{folder}: it is not clear which exam these submissions belong to\n"
            f"  Say it with --exam; known exams: {', '.join(sorted(exam_ids))}."
        )
    return (ExamFolder(exam=exam or next(iter(exam_ids)), path=folder),)


def read_submissions(
    folders: Collection[ExamFolder], exams: Collection[ExamLayout]
) -> tuple[Submission, ...]:
    """Read every submission of these folders, sorted by exam and name. Raises UserError if there is none."""
    layouts = {layout.exam: layout for layout in exams}
    submissions = [
        submission
        for folder in sorted(folders, key=lambda folder: folder.exam)
        for submission in _read_class(folder.path, layouts[folder.exam])
    ]
    if not submissions:
        shown = ", ".join(str(folder.path) for folder in folders)
        raise UserError(
            f"{shown}: nothing to grade\n  Put a folder (or a .py or .zip file) a student into it."
        )
    return tuple(sorted(submissions, key=lambda submission: (submission.exam, submission.name)))


def _list_folder(folder: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if not is_hidden(name))
    except FileNotFoundError:
        raise UserError(
            f"{folder}: there is no such folder\n  Give the folder that holds the submissions."
        ) from None
    except NotADirectoryError:
        raise UserError(
            f"{folder}: is a file, not a folder\n"
            "  Give the folder that holds a folder (or a .py or .zip file) a student."
        ) from None
    except OSError as error:
        raise UserError(f"{folder}: cannot be read: {error.strerror}\n  Make it readable for you.") from None


def _refuse_strangers(folder: Path, names: list[str], exam_ids: Collection[str]) -> None:
    """A misspelt exam folder beside right ones would leave a whole class without a row."""
    strangers = [clean_name(name) for name in names if name not in exam_ids and (folder / name).is_dir()]
    if strangers:
        raise UserError(
            f"{folder}: has exams' folders, but also {', '.join(strangers[:5])}\n"
            f"  Rename or move what is no exam; known exams: {', '.join(sorted(exam_ids))}."
        )


def _read_class(folder: Path, layout: ExamLayout) -> list[Submission]:
    entries = {name: kind for name in _list_folder(folder) if (kind := _kind(folder / name)) is not None}
    asked = {*map(str.lower, layout.files), SINGLE_FILE, *ANSWER_NAMES}
    loose = next((name for name in _list_folder(folder) if name.lower() in asked), None)
    if loose is not None:
        raise UserError(
            f"{folder}: holds {clean_name(loose)} itself, as one student's submission does\n"
            "  Give the folder above it, which holds a folder a student, or move that file away."
        )
    names = _submission_names(entries)
    stems = Counter(Path(name).stem if entries[name] != "folder" else name for name in entries)
    submissions = []
    for entry, kind in entries.items():
        read = _read_entry(folder / entry, kind)
        notes = list(read.problems)
        if stems[Path(entry).stem if kind != "folder" else entry] > 1:
            notes.insert(
                0, "Another submission here has the same name; both are graded, each by its file's full name."
            )
        submissions.append(_assemble(layout, names[entry], read.files, notes))
    return submissions


def _kind(path: Path) -> str | None:
    """Say what an entry is: `folder`, `link`, a suffix that gets a row, or None for what is no submission."""
    mode = path.lstat().st_mode
    suffix = path.suffix.lower()
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISLNK(mode):
        return "link"
    if suffix in (".py", ".ipynb", *ARCHIVES):
        return suffix
    return None


def _submission_names(entries: dict[str, str]) -> dict[str, str]:
    """Name a file without its suffix, unless two would be called the same: those keep their full names."""
    short = {
        name: clean_name(name if kind == "folder" else Path(name).stem) for name, kind in entries.items()
    }
    count = Counter(short.values())
    full = {name: clean_name(name) for name in entries}
    names = {name: short[name] if count[short[name]] == 1 else full[name] for name in entries}
    return _told_apart(names if len(set(names.values())) == len(set(full.values())) else full)


def _told_apart(names: dict[str, str]) -> dict[str, str]:
    """Number the names that only differ in bytes that are not UTF-8: two rows of one name would share their marks."""
    taken: set[str] = set()
    for entry, name in names.items():
        candidates = itertools.chain([name], (f"{name} ({number})" for number in itertools.count(2)))
        names[entry] = next(candidate for candidate in candidates if candidate not in taken)
        taken.add(names[entry])
    return names


def _read_entry(path: Path, kind: str) -> HandedIn:
    if kind == "folder":
        return read_folder(path)
    if kind == ".py":
        return read_single(path, SINGLE_FILE)
    if kind == ".zip":
        return read_zip(path)
    if kind == "link":
        return HandedIn(problems=("It is a symbolic link; links are not followed.",))
    if kind == ".ipynb":
        return HandedIn(problems=("It is a notebook; notebooks are not read yet: hand in Python files.",))
    return HandedIn(problems=(f"A {kind} archive is not read: hand in a .zip or a folder.",))


def _assemble(layout: ExamLayout, name: str, files: tuple[SourceFile, ...], notes: list[str]) -> Submission:
    by_name = _as_asked(layout, _at_top(layout, {file.name: file.content for file in files}, notes), notes)
    answers = _answers(layout, by_name, notes)
    sources = {name: content for name, content in by_name.items() if name.lower().endswith(".py")}
    notes += shadowing_notes(sources)
    if not by_name and not notes:
        notes.append(f"None of the files that are asked for is there ({', '.join(layout.files)}).")
    return Submission(
        exam=layout.exam,
        name=name,
        files=tuple(source_file(name, content) for name, content in sorted(sources.items())),
        prose=answers.prose,
        problems=(*notes, *answers.problems),
    )


def _at_top(layout: ExamLayout, files: dict[str, bytes], notes: list[str]) -> dict[str, bytes]:
    """Move the asked files to the top where a student packed them one or more folders deep."""
    asked = {*map(str.lower, layout.files), SINGLE_FILE, *ANSWER_NAMES}
    hits = [
        PurePosixPath(name)
        for name in files
        if name.lower() in asked or PurePosixPath(name).name.lower() in asked
    ]
    if not hits or any(str(path).lower() in asked for path in hits):
        return files
    parents = sorted({path.parent for path in hits}, key=lambda path: (len(path.parts), str(path)))
    if len(parents) == 1:
        notes.append(f"The files lie in the folder {parents[0]}; they are graded from there.")
        return {_below(name, parents[0]): content for name, content in files.items()}
    if len({path.name.lower() for path in hits}) == len(hits):
        notes.append(f"The files lie in several folders ({_listed(parents)}); they are graded together.")
        return {
            name if PurePosixPath(name) not in hits else PurePosixPath(name).name: files[name]
            for name in files
        }
    notes.append(
        f"The same file lies in several folders ({_listed(parents)}); none is graded: hand in one of them."
    )
    return {}


def _below(name: str, parent: PurePosixPath) -> str:
    path = PurePosixPath(name)
    return str(path.relative_to(parent)) if path.is_relative_to(parent) else name


def _listed(paths: list[PurePosixPath]) -> str:
    return ", ".join(str(path) for path in paths[:5])


def _as_asked(layout: ExamLayout, files: dict[str, bytes], notes: list[str]) -> dict[str, bytes]:
    """Give every question file the name it is asked by: other case (`Q1.py`), or one `exam.py` for all."""
    files = dict(files)
    for asked in (*layout.files, SINGLE_FILE):
        others = sorted(name for name in files if name.lower() == asked.lower() and name != asked)
        if others and asked not in files:
            files[asked] = files.pop(others[0])
            notes.append(f"{others.pop(0)} is graded as {asked}.")
        notes += [f"{other} is not graded; {asked} is." for other in others]
    if SINGLE_FILE in files:
        replaced = [asked for asked in layout.files if asked not in files]
        files.update(dict.fromkeys(replaced, files[SINGLE_FILE]))
        kept = [asked for asked in layout.files if asked not in replaced]
        if kept:
            notes.append(
                f"{', '.join(kept)} count for themselves; {SINGLE_FILE} stands for the other questions."
            )
    return files


def _answers(layout: ExamLayout, files: dict[str, bytes], notes: list[str]) -> Answers:
    found = [name for wanted in ANSWER_NAMES for name in sorted(files) if name.lower() == wanted]
    if len(found) > 1:
        notes.append(f"{found[0]} holds the written answers; {', '.join(found[1:])} is not read.")
    return read_answers(files[found[0]], layout.parts, layout.prose_parts) if found else Answers()
