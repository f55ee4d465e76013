"""Finding and reading submissions: layouts, limits, hostile files, and `answers.md`."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from grader.errors import UserError
from grader.models.submission import Submission
from grader.submissions.answers_md import is_blank, read_answers
from grader.submissions.submission import ExamLayout, exam_folders, find_submissions

EXAM = ExamLayout(
    exam="exam_a",
    files=("q1.py", "q2.py"),
    parts=("q1", "q2", "q4a", "q7i", "q7ii", "q7iii"),
    prose_parts=("q2", "q7iii"),
)
OTHER = ExamLayout(exam="exam_b", files=("q1.py",), parts=("q1.1", "q11"), prose_parts=("q1.1", "q11"))


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def zipped(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def only(folder: Path) -> Submission:
    (submission,) = find_submissions(folder, [EXAM])
    return submission


def file_names(submission: Submission) -> list[str]:
    return [file.name for file in submission.files]


def test_folders_files_and_zips_are_submissions_sorted_by_name(tmp_path: Path) -> None:
    write(tmp_path, {"zoe/q1.py": "z = 1", "ben.py": "b = 1", "amy.zip": zipped({"q2.py": "a = 1"})})
    found = find_submissions(tmp_path, [EXAM])
    assert [submission.name for submission in found] == ["amy", "ben", "zoe"]
    assert [file_names(submission) for submission in found] == [
        ["q2.py"],
        ["exam.py", "q1.py", "q2.py"],
        ["q1.py"],
    ]


def test_first_level_of_exam_ids_is_graded_exam_by_exam(tmp_path: Path) -> None:
    write(tmp_path, {"exam_b/amy/q1.py": "", "exam_a/amy/q1.py": "", "exam_a/ben/q2.py": ""})
    found = find_submissions(tmp_path, [OTHER, EXAM])
    assert [(one.exam, one.name) for one in found] == [
        ("exam_a", "amy"),
        ("exam_a", "ben"),
        ("exam_b", "amy"),
    ]


def test_folder_named_like_an_exam_is_that_exam(tmp_path: Path) -> None:
    write(tmp_path, {"exam_b/amy/q1.py": ""})
    assert [one.exam for one in find_submissions(tmp_path / "exam_b", [EXAM, OTHER])] == ["exam_b"]


def test_unclear_exam_asks_for_the_option(tmp_path: Path) -> None:
    write(tmp_path, {"amy/q1.py": ""})
    with pytest.raises(UserError, match=r"(?s)not clear which exam.*--exam; known exams: exam_a, exam_b"):
        find_submissions(tmp_path, [EXAM, OTHER])


def test_wanted_exam_is_taken_out_of_several(tmp_path: Path) -> None:
    write(tmp_path, {"exam_b/amy/q1.py": "", "exam_a/amy/q1.py": ""})
    folders = exam_folders(tmp_path, ["exam_a", "exam_b"], "exam_b")
    assert [(folder.exam, folder.path.name) for folder in folders] == [("exam_b", "exam_b")]


def test_wanted_exam_that_contradicts_the_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"exam_b/amy/q1.py": ""})
    with pytest.raises(UserError, match="named after the exam exam_b, but --exam says exam_a"):
        exam_folders(tmp_path / "exam_b", ["exam_a", "exam_b"], "exam_a")


def test_unknown_wanted_exam_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"(?s)no such exam.*Known exams: exam_a"):
        exam_folders(tmp_path, ["exam_a"], "exam_z")


def test_misspelt_exam_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"exam_a/amy/q1.py": "", "exam_bb/amy/q1.py": ""})
    with pytest.raises(UserError, match="but also exam_bb"):
        find_submissions(tmp_path, [EXAM, OTHER])


@pytest.mark.parametrize(
    ("files", "where", "message"),
    [
        ({}, "nowhere", "there is no such folder"),
        ({"a.txt": ""}, "a.txt", "is a file, not a folder"),
        ({".git/x": "", "README.md": "", "__MACOSX/amy/q1.py": ""}, ".", "nothing to grade"),
        ({"q1.py": "", "helpers/x.py": ""}, ".", "holds q1.py itself"),
    ],
    ids=["missing", "file", "empty", "one student"],
)
def test_folder_without_submissions_is_a_user_error(
    tmp_path: Path, files: dict[str, str | bytes], where: str, message: str
) -> None:
    write(tmp_path, files)
    with pytest.raises(UserError, match=message):
        find_submissions(tmp_path / where, [EXAM])


def test_same_name_twice_keeps_both_under_their_full_names(tmp_path: Path) -> None:
    write(tmp_path, {"amy/q1.py": "", "amy.py": "x = 1"})
    found = find_submissions(tmp_path, [EXAM])
    assert [submission.name for submission in found] == ["amy", "amy.py"]
    assert all("same name" in submission.problems[0] for submission in found)


def test_hidden_files_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"amy/q1.py": "", "amy/.git/hook.py": "", "amy/__pycache__/q1.py": "", "amy/._q2.py": ""})
    assert file_names(only(tmp_path)) == ["q1.py"]


def test_virtual_environment_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"amy/q1.py": "", "amy/env/pyvenv.cfg": "", "amy/env/lib/thing.py": ""})
    assert file_names(only(tmp_path)) == ["q1.py"]


def test_helpers_keep_their_relative_names(tmp_path: Path) -> None:
    write(tmp_path, {"amy/q1.py": "", "amy/helpers/conv.py": ""})
    assert file_names(only(tmp_path)) == ["helpers/conv.py", "q1.py"]
    assert only(tmp_path).problems == ()


def test_wrong_folder_depth_is_accepted_with_a_note(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"amy/hw/final/q1.py": "", "amy/hw/final/lib/x.py": "", "amy/hw/final/answers.md": "# q2\nyes"},
    )
    assert file_names(only(tmp_path)) == ["lib/x.py", "q1.py"]
    assert only(tmp_path).prose == {"q2": "yes"}
    assert only(tmp_path).problems == ("The files lie in the folder hw/final; they are graded from there.",)


def test_one_folder_a_question_is_graded_together(tmp_path: Path) -> None:
    write(tmp_path, {"amy/one/q1.py": "", "amy/two/q2.py": ""})
    assert file_names(only(tmp_path)) == ["q1.py", "q2.py"]


def test_same_file_in_two_folders_is_not_guessed(tmp_path: Path) -> None:
    write(tmp_path, {"amy/v1/q1.py": "", "amy/v2/q1.py": ""})
    assert file_names(only(tmp_path)) == []
    assert only(tmp_path).problems == (
        "The same file lies in several folders (v1, v2); none is graded: hand in one of them.",
    )


def test_single_file_stands_for_the_questions_without_their_own(tmp_path: Path) -> None:
    write(tmp_path, {"amy/exam.py": "e = 1", "amy/q1.py": "q = 1"})
    submission = only(tmp_path)
    assert [(file.name, file.content) for file in submission.files] == [
        ("exam.py", b"e = 1"),
        ("q1.py", b"q = 1"),
        ("q2.py", b"e = 1"),
    ]
    assert submission.problems == ("q1.py count for themselves; exam.py stands for the other questions.",)


def test_other_case_of_a_file_name_is_accepted(tmp_path: Path) -> None:
    write(tmp_path, {"amy/Q1.PY": "x = 1", "amy/Answers.MD": "## Q2\nbecause"})
    assert file_names(only(tmp_path)) == ["q1.py"]
    assert only(tmp_path).prose == {"q2": "because"}
    assert only(tmp_path).problems == ("Q1.PY is graded as q1.py.",)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("amy.ipynb", "It is a notebook; notebooks are not read yet: hand in Python files."),
        ("amy.rar", "A .rar archive is not read: hand in a .zip or a folder."),
        (
            "amy/answers.ipynb",
            "answers.ipynb is a notebook; notebooks are not read yet: hand in Python files.",
        ),
        ("amy/work.zip", "work.zip is an archive inside the submission; it is not opened."),
        ("amy/answers.pdf", "answers.pdf is not read; written answers belong in answers.md."),
        ("amy/notes.txt", "None of the files that are asked for is there (q1.py, q2.py)."),
    ],
)
def test_unreadable_kinds_keep_their_row_and_say_why(tmp_path: Path, name: str, problem: str) -> None:
    write(tmp_path, {name: "x"})
    assert (only(tmp_path).name, only(tmp_path).files, only(tmp_path).problems) == ("amy", (), (problem,))


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"secret.txt": "s", "class/amy/helper.py": ""})
    (tmp_path / "class/amy/q1.py").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "class/amy/more").symlink_to(tmp_path)
    (tmp_path / "class/bob").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "class/amy/q2.py")
    amy, bob = find_submissions(tmp_path / "class", [EXAM])
    assert file_names(amy) == ["helper.py"]
    assert amy.problems == (
        "q1.py is a symbolic link; links are not followed.",
        "q2.py is not a regular file.",
    )
    assert (bob.files, bob.problems) == ((), ("It is a symbolic link; links are not followed.",))


def test_too_large_file_is_left_out_with_a_reason(tmp_path: Path) -> None:
    write(tmp_path, {"amy/q1.py": b"#" * 1_000_001, "amy/q2.py": b"#" * 1_000_000})
    assert file_names(only(tmp_path)) == ["q2.py"]
    assert only(tmp_path).problems == ("q1.py is larger than 1 MB; it is not read.",)


def test_too_many_files_and_too_many_bytes_are_cut(tmp_path: Path) -> None:
    write(tmp_path, {f"amy/h{number:03}.py": "" for number in range(201)})
    write(tmp_path, {f"bob/h{number:03}.py": b"#" * 900_000 for number in range(12)})
    amy, bob = find_submissions(tmp_path, [EXAM])
    assert (len(amy.files), len(bob.files)) == (200, 11)
    assert amy.problems == ("There are more than 200 Python files; only the first 200 are read.",)
    assert bob.problems == ("The submission is larger than 10 MB; h011.py is not read.",)


def test_name_that_is_not_utf8_is_escaped(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/am\xffy"
    os.mkdir(folder)
    Path(os.fsdecode(folder), "q1.py").write_text("")
    assert only(tmp_path).name == r"am\xffy"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../q1.py", "The zip has a file named ../q1.py; names that lead out of the folder are refused."),
        ("/q1.py", "The zip has a file named /q1.py; names that lead out of the folder are refused."),
        ("C:/q1.py", "The zip has a file named C:/q1.py; names that lead out of the folder are refused."),
        (r"a\q1.py", r"The zip has a file named a\q1.py; names that lead out of the folder are refused."),
        ("more.zip", "more.zip is an archive inside the submission; it is not opened."),
    ],
)
def test_hostile_zip_names_are_refused(tmp_path: Path, name: str, problem: str) -> None:
    write(tmp_path, {"amy.zip": zipped({name: "x = 1", "q2.py": ""})})
    assert file_names(only(tmp_path)) == ["q2.py"]
    assert only(tmp_path).problems == (problem,)


def test_zip_bomb_is_counted_while_it_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"amy.zip": zipped({"q1.py": b"\0" * 30_000_000})})
    assert only(tmp_path).problems == ("q1.py is larger than 1 MB; it is not read.",)


def test_symbolic_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("q1.py")
    entry.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    write(tmp_path, {"amy.zip": buffer.getvalue()})
    assert only(tmp_path).problems == ("q1.py is a symbolic link; links are not followed.",)


def test_damaged_zips_are_a_problem_not_a_crash(tmp_path: Path) -> None:
    good = bytearray(zipped({"q1.py": "".join(f"x{number} = {number * number}\n" for number in range(100))}))
    good[36:46] = b"\xff" * 10
    write(tmp_path, {"amy.zip": b"PK nonsense", "bob.zip": bytes(good)})
    amy, bob = find_submissions(tmp_path, [EXAM])
    assert amy.problems == ("The zip is damaged or not a zip; it cannot be opened.",)
    assert bob.problems == ("q1.py is damaged inside the zip; it is not read.",)


def test_zip_with_a_wrapping_folder_is_accepted(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"amy.zip": zipped({"amy/q1.py": "", "amy/answers.md": "## q2\nx", "__MACOSX/amy/._q1.py": ""})},
    )
    assert file_names(only(tmp_path)) == ["q1.py"]
    assert only(tmp_path).prose == {"q2": "x"}


@pytest.mark.parametrize(
    "heading",
    [
        "## q7 iii",
        "# Q7iii",
        "###### Question 7 (iii)",
        "## q7.iii - the identity path",
        "##Q7(III)",
        "**Q7.iii**",
        "Q7 iii:",
        "## Problem 7, iii)",
        "## 7 iii",
        "## Answer to question 7 (iii)",
        "# q7\n### (iii)",
        "# q7\n### Part iii: both cases",
        "# Question 7",
        "q7 iii\n------",
        "q7 iii\n--",
        "Question 7 (iii): why\n--",
    ],
)
def test_headings_find_their_part_in_any_spelling(heading: str) -> None:
    answers = read_answers(f"{heading}\n\nbecause\n".encode(), EXAM.parts, EXAM.prose_parts)
    assert (answers.prose, answers.problems) == ({"q7iii": "because"}, ())


def test_numbers_stay_whole() -> None:
    answers = read_answers(b"# 1.1\none\n# 11\neleven", OTHER.parts, OTHER.prose_parts)
    assert answers.prose == {"q1.1": "one", "q11": "eleven"}


def test_own_headings_stay_in_the_section() -> None:
    text = b"## q2\nfirst\n## 7. Induction\nsecond\n### Proof\nthird\n```\n# q7 iii\n```\n## q7 iii\nlast"
    answers = read_answers(text, EXAM.parts, EXAM.prose_parts)
    assert answers.prose == {
        "q2": "first\n## 7. Induction\nsecond\n### Proof\nthird\n```\n# q7 iii\n```",
        "q7iii": "last",
    }


def test_text_of_a_question_without_prose_goes_to_no_other() -> None:
    answers = read_answers(b"## q2\nyes\n## q4\nsee the code", EXAM.parts, EXAM.prose_parts)
    assert (answers.prose, answers.problems) == ({"q2": "yes"}, ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("## q9\nx", "answers.md: the heading 'q9' names no question of this exam."),
        ("## q7 iv\nx", "answers.md: the heading 'q7 iv' fits no part of its question; write `## q7 iii`."),
        (
            "just text",
            "answers.md has no heading that names a question (such as `## q2`); its text belongs nowhere.",
        ),
    ],
)
def test_text_without_a_place_is_reported(text: str, problem: str) -> None:
    answers = read_answers(text.encode(), EXAM.parts, EXAM.prose_parts)
    assert (answers.prose, answers.problems) == ({}, (problem,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "_your answer_",
        "TODO",
        "...",
        "<!-- write here -->",
        "- \n- ",
        "### Proof\n",
        "*Write your answer here.*",
    ],
)
def test_untouched_section_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["no", "0", "θ¹ = θ²", "≠", "TODO but here is why", "因为"])
def test_short_answer_is_not_blank(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize("line", ["#" * 300_000 + "x", "#" + " " * 300_000 + "x", "Q1" + "_" * 300_000])
def test_endless_line_is_text(line: str) -> None:
    answers = read_answers(f"## q2\n{line}\nend".encode(), EXAM.parts, EXAM.prose_parts)
    assert answers.prose == {"q2": f"{line}\nend"}


def test_blank_section_is_left_out() -> None:
    answers = read_answers(b"## q2\n_your answer_\n## q7 iii\n42", EXAM.parts, EXAM.prose_parts)
    assert answers.prose == {"q7iii": "42"}


def test_undecodable_answers_are_kept_with_a_problem() -> None:
    answers = read_answers(b"## q2\ncaf\xe9", EXAM.parts, EXAM.prose_parts)
    assert answers.prose == {"q2": "caf\ufffd"}
    assert answers.problems == ("answers.md is not UTF-8 text; letters that cannot be read show as \ufffd.",)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(encoding: str) -> None:
    answers = read_answers("## q2\r\nθ\r\n".encode(encoding), EXAM.parts, EXAM.prose_parts)
    assert (answers.prose, answers.problems) == ({"q2": "θ"}, ())
