"""Hostile files at the door: what is read, what is said of the rest, and that reading ends. Classes 66 to 76 of the
attacks, seen from the reader; tests/test_attacks.py grades the same kinds of files."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from grader.models.submission import Submission
from grader.submissions.answers_md import read_answers
from grader.submissions.reading import HandedIn
from grader.submissions.submission import ExamLayout, find_submissions
from grader.submissions.submission_files import read_folder, read_zip
from tests.attacks.builders import BUILDERS, RIGHT, WRONG, zip_bomb

EXAM = ExamLayout(exam="exam_a", files=("q1.py", "q2.py"), parts=("q1", "q2"), prose_parts=("q2",))
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices and gives files away")


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def only(folder: Path) -> Submission:
    (submission,) = find_submissions(folder, [EXAM])
    return submission


def built(kind: str, folder: Path, text: str = "") -> HandedIn:
    """What is read of the submission that one of the attacks' builders makes."""
    BUILDERS[kind](folder / "amy", folder / "secret", text)
    return read_zip(folder / "amy.zip") if (folder / "amy.zip").exists() else read_folder(folder / "amy")


def names(read: HandedIn) -> list[str]:
    return [file.name for file in read.files]


def test_names_that_are_cleaned_alike_keep_rows_of_their_own(tmp_path):
    for raw, content in ((b"am\xffy", b"raw = 1"), (rb"am\xffy", b"spelt = 1")):
        folder = os.fsencode(tmp_path) + b"/" + raw
        os.mkdir(folder)
        Path(os.fsdecode(folder), "q1.py").write_bytes(content)
    found = {one.name: one.files[0].content for one in find_submissions(tmp_path, [EXAM])}
    assert found == {r"am\xffy": b"spelt = 1", r"am\xffy (2)": b"raw = 1"}


def test_a_hostile_name_does_not_rename_the_others(tmp_path):
    for raw in (b"am\xffy", rb"am\xffy"):
        os.mkdir(os.fsencode(tmp_path) + b"/" + raw)
    write(tmp_path, {"ben.py": b""})
    assert [one.name for one in find_submissions(tmp_path, [EXAM])] == [r"am\xffy", r"am\xffy (2)", "ben"]


def test_what_is_graded_is_what_was_read(tmp_path):
    write(tmp_path, {"amy/q1.py": b"first = 1"})
    submission = only(tmp_path)
    write(tmp_path, {"amy/q1.py": b"second = 2"})
    assert submission.files[0].content == b"first = 1"
    assert submission.files[0].sha256 == "31eb11a0285543f526c592af63b53055d7d82bd131cd2a317f4556e2ad78c840"


@needs_root
def test_hard_link_to_a_file_of_somebody_else_is_not_read(tmp_path):
    read = built("hard_link", tmp_path)
    assert names(read) == []
    assert read.problems == ("q1.py is a hard link to a file of somebody else; it is not read.",)


def test_hard_link_in_a_folder_of_the_operators_is_read(tmp_path):
    write(tmp_path, {"backup.py": b"x = 1", "class/amy/q2.py": b""})
    os.link(tmp_path / "backup.py", tmp_path / "class/amy/q1.py")
    assert [file.content for file in only(tmp_path / "class").files] == [b"x = 1", b""]


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_pipe_and_socket_are_refused_at_once(tmp_path, kind):
    read = built("special_file", tmp_path, kind)
    assert read.problems == ("q1.py is not a regular file.",)


@needs_root
@pytest.mark.parametrize("kind", ["zero", "disk", "missing_driver"])
def test_devices_are_refused_and_not_opened(tmp_path, kind, monkeypatch):
    BUILDERS["special_file"](tmp_path / "amy", tmp_path / "secret", kind)
    really, opened = os.open, []
    monkeypatch.setattr(
        os, "open", lambda path, *rest, **more: opened.append(path) or really(path, *rest, **more)
    )
    assert read_folder(tmp_path / "amy").problems == ("q1.py is not a regular file.",)
    assert opened == [tmp_path / "amy"]


@pytest.mark.parametrize(
    ("bomb", "sentence"),
    [
        ("ratio", "q1.py is larger than 1 MB; it is not read."),
        ("nested", "q1.zip is an archive inside the submission; it is not opened."),
        ("small_size", "q1.py is damaged inside the zip; it is not read."),
        ("many_entries", "The zip lists more than 50000 files; it is not opened."),
        ("many_large", "The submission unpacks to more than 50 MB; the rest is not read."),
        ("overlapping", "There are more problems of this kind."),
        ("dictionary", "q1.py is packed in a way that is not read; pack it as an ordinary zip."),
        ("locked", "q1.py is locked with a password; it is not read."),
        ("truncated", "The zip is damaged or not a zip; it cannot be opened."),
    ],
)
def test_zip_bomb_is_named_and_costs_little(tmp_path, bomb, sentence):
    zip_bomb(tmp_path / "amy", tmp_path, bomb)
    started = time.process_time()
    assert sentence in read_zip(tmp_path / "amy.zip").problems
    assert time.process_time() - started < 5


def test_zip_that_announces_more_than_it_holds_is_read_as_it_is(tmp_path):
    read = built("zip_bomb", tmp_path, "large_size")
    assert [file.content for file in read.files] in ([WRONG], [])


def test_damaged_zips_are_read_or_reported(tmp_path):
    zip_bomb(tmp_path / "amy", tmp_path, "large_size")
    whole, chance = (tmp_path / "amy.zip").read_bytes(), random.Random(76)
    for _ in range(600):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.choice((0, 1, 8, 9, 12, 14, 20, 99, 127, 128, 255))
        (tmp_path / "amy.zip").write_bytes(
            bytes(data)[: chance.choice((len(data), chance.randrange(len(data))))]
        )
        read = read_zip(tmp_path / "amy.zip")
        assert isinstance(read, HandedIn)


@pytest.mark.parametrize(
    ("kind", "files", "sentence"),
    [
        ("zero", [], "The zip has a file whose name has a zero byte behind q1.py; it is not read."),
        ("endless", [], f"{'x' * 40}... is not read: its name is too long (over 255 letters)."),
        ("twice", ["q1.py"], "q1.py is in the zip twice; the last one counts."),
    ],
)
def test_odd_names_in_a_zip(tmp_path, kind, files, sentence):
    read = built("zip_names", tmp_path, kind)
    assert (names(read), read.problems) == (files, (sentence,))


def test_file_that_differs_in_case_only_is_said_not_to_count(tmp_path):
    write(tmp_path, {"amy/Q1.py": b"", "amy/q1.py": b"x = 1"})
    assert only(tmp_path).problems == ("Q1.py is not graded; q1.py is.",)


def test_files_named_like_libraries_and_hooks_are_noted(tmp_path):
    write(tmp_path, {"amy/q1.py": b"from random import choice\nimport torch", "amy/types.py": b""})
    write(tmp_path / "amy", {"torch.py": b"", "numpy/__init__.py": b"", "random.py": b"", "conftest.py": b""})
    assert only(tmp_path).problems == (
        "conftest.py is not run by itself, whatever its name.",
        "numpy/__init__.py has the name of a library; `import numpy` gets the library.",
        "random.py has the name of a library; `import random` gets the library.",
        "torch.py has the name of a library; `import torch` gets the library.",
    )


def test_data_files_are_said_not_to_be_read(tmp_path):
    write(tmp_path, {"amy/q1.py": b"", "amy/model.pt": b"", "amy/evil.pth": b""})
    assert only(tmp_path).problems == (
        "evil.pth is not read: of a submission, Python files and answers.md are.",
        "model.pt is not read: of a submission, Python files and answers.md are.",
    )


def test_size_is_told_even_behind_many_other_problems(tmp_path):
    write(tmp_path, {f"amy/h{number:02}.py": bytes(1_000_001) for number in range(60)})
    read = read_folder(tmp_path / "amy")
    assert read.problems[-1] == "The submission unpacks to more than 50 MB; the rest is not read."


@pytest.mark.parametrize(
    "text",
    [
        "# q2\n" * 200_000,
        "<!--" * 250_000,
        "```\n" * 250_000,
        "# q" + "7" * 190 + "\n" + "-" * 900_000,
        ("# q2 " + "i" * 180 + "\n") * 5_000,
        "\u202e\u2066# q2\n\x00\x1b[2J" * 40_000,
        "q2\n--\n" * 140_000,
    ],
    ids=["headings", "comments", "fences", "numbers", "long headings", "directions", "underlines"],
)
def test_hostile_answers_are_read_in_linear_time(text):
    started = time.process_time()
    read_answers(text.encode()[:1_000_000], EXAM.parts, EXAM.prose_parts)
    assert time.process_time() - started < 10


def test_right_answer_of_the_builders_is_python():
    compile(RIGHT, "q1.py", "exec")
