"""Rubric folders: a right one loads whole; a wrong one says all that is wrong with it, line by line."""

# ruff: noqa: E501 - a message under test stands on one line, as its reader sees it.

from pathlib import Path

import pytest

from grader.errors import RubricError, UserError
from grader.models.rubric import (
    CallCheck,
    Cases,
    Catch,
    Close,
    Exact,
    ExamHeader,
    Limits,
    ModuleCheck,
    ProseCheck,
    Question,
    ValueCheck,
)
from grader.models.weights import AxesError, Axis, parse_axes, parse_weights
from grader.rubric.expression import FUNCTIONS
from grader.rubric.rubric_file import default_reference_root, find_exams, load_exam

EXAM = """\
exam: mini
title: Mini exam
points: 10
arrays: numpy
questions: [q1, q2]
"""
Q1 = """\
question: q1
title: Filters
file: q1.py
points: 6
cases:
  pairs:
    public:
      - {x: "normal(2, 3)", y: 1}
    hidden:
      - {x: "normal(5)", y: 0.5}
parts:
  q1a:
    - value: w
      points: 2
      judge: {kind: exact, share_axis: 0}
      catch:
        - {equals: 3, credit: 1, say: "Almost."}
  q1b:
    - call: f
      points: 4
      cases: pairs
      forbid: [autograd, torch.autograd.*, .backward]
      catch:
        - {like: f_wrong, credit: 1, say: "The sign is turned."}
"""
Q2 = """\
question: q2
title: Layers
file: q2.py
points: 4
weights:
  one:
    w: out=4 in=3
parts:
  q2:
    - module: Layer
      measure: forward
      points: 3
      weights: one
      reference: layer
      cases:
        hidden:
          - {x: "normal(2, 3)"}
      catch:
        - {unregistered: true, credit: 2, say: "PyTorch does not see your parameters."}
        - {like: layer_wrong, weights: {w: "4 3"}, credit: 1, say: "Turned."}
    - prose: Says why.
      points: 1
"""
FILES = {
    "rubrics/mini/exam.yaml": EXAM,
    "rubrics/mini/q1.yaml": Q1,
    "rubrics/mini/q2.yaml": Q2,
    "rubrics/mini/given.py": "def tanh(x):\n    return x\n",
    "rubrics/mini/guides/q2.md": "The reason is named.\n",
    "reference/mini/q1.py": (
        "w = 1\n"
        "def f(x, y):\n    return x\n"
        "def f_wrong(x, y):\n    return -x\n"
        "def make(rng, n, *, k=2):\n    return {}\n"
    ),
    "reference/mini/q2.py": "import math\nif True:\n    layer, layer_wrong = 1, 2\n",
}


@pytest.fixture
def mini(tmp_path, monkeypatch):
    """The folder of a right rubric, which is the working directory too, so that paths in messages are short."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        write(name, text)
    return tmp_path


def write(name, text):
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def change(name, old, new):
    assert old in FILES[name]
    write(name, FILES[name].replace(old, new, 1))


def load():
    return load_exam(Path("rubrics/mini"), reference_root=Path("reference"))


def problems():
    with pytest.raises(RubricError) as caught:
        load()
    return str(caught.value).split("\n")


def test_a_right_rubric_loads_whole(mini):
    exam = load()
    assert exam.id == "mini"
    assert exam.part_ids == ("q1a", "q1b", "q2")
    assert exam.given == b"def tanh(x):\n    return x\n"
    assert exam.guides == {"q2": "The reason is named.\n"}
    assert exam.references["q2"].startswith(b"import math")
    assert exam.questions[0].parts["q1a"][0].judge == Exact(share_axis=0)
    check = exam.questions[0].parts["q1b"][0]
    assert isinstance(check, CallCheck)
    assert check.forbid == ("autograd", "torch.autograd.*", ".backward")
    assert exam.questions[0].cases["pairs"].public == ({"x": "normal(2, 3)", "y": 1},)


def test_a_pure_prose_question_needs_no_reference(mini):
    write(
        "rubrics/mini/q2.yaml", Q2[: Q2.index("weights:")] + "parts:\n  q2: [{prose: Says why., points: 4}]\n"
    )
    Path("reference/mini/q2.py").unlink()
    assert set(load().references) == {"q1"}


def test_exams_are_found_sorted(mini):
    write("rubrics/alpha/exam.yaml", EXAM)
    write("rubrics/notes/readme.yaml", EXAM)
    assert find_exams(Path("rubrics")) == (Path("rubrics/alpha"), Path("rubrics/mini"))


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("nowhere", "nowhere: no such folder\n  Name the folder that holds the exams: --rubric DIR."),
        ("reference", "reference: no exam in this folder\n  An exam is a folder in it with an exam.yaml."),
        (
            "rubrics/mini",
            "rubrics/mini: this is one exam\n  Name the folder that holds the exams: --rubric rubrics.",
        ),
    ],
)
def test_a_folder_without_exams_is_an_error_with_a_fix(mini, folder, message):
    with pytest.raises(UserError) as caught:
        find_exams(Path(folder))
    assert str(caught.value) == message


def test_references_lie_beside_the_rubrics():
    assert default_reference_root(Path("rubrics")) == Path("reference")
    assert default_reference_root(Path("/a/rubrics")) == Path("/a/reference")
    assert default_reference_root(Path()) == Path("../reference")


ONE_PROBLEM = [
    # exam.yaml
    ("exam.yaml", "exam: mini", "exam: maxi", "1:7: the exam calls itself `maxi`, its folder `mini` — write `exam: mini`, or rename the folder"),
    ("exam.yaml", "points: 10", "points: 11", "3:9: the exam is worth 11 points, its questions add up to 10 — correct the sum or a question"),
    ("exam.yaml", "numpy", "jax", "4:9: `arrays` cannot be 'jax' — write one of: numpy, torch"),
    ("exam.yaml", "q1, q2", "q1, q2, q2", "5:21: `q2` is listed twice — keep one of the two"),
    ("exam.yaml", "title: Mini exam", "titel: Mini exam", "2:1: no key `titel` here — did you mean `title`?"),
    # fields
    ("q1.yaml", "points: 6", "points: yes", "4:9: `points` must be a number, got 'yes' — write a number without quotes"),
    ("q1.yaml", "points: 6", 'points: "6"', "4:9: `points` must be a number, got '6' — write a number without quotes"),
    ("q1.yaml", "points: 6", "points: .inf", "4:9: `points` must be finite, got inf — write a finite number"),
    ("q1.yaml", "title: Filters", "title: ''", "2:8: `title` is empty — write a text"),
    ("q1.yaml", "title: Filters", "title: 3", "2:8: `title` must be text, got 3 — put it in quotes"),
    ("q1.yaml", "title: Filters\n", "", "1:1: `title` is missing — add `title: …`"),
    ("q1.yaml", "file: q1.py", "file: q1.txt", "3:7: 'q1.txt' is not a Python file — name the student's file, such as q1.py"),
    ("q1.yaml", "credit: 1, ", "", "17:11: `credit` is missing — add `credit: …`"),
    ("q1.yaml", "value: w", "value: w x", "13:14: `value` must be a Python name, got 'w x' — use letters, digits and _"),
    ("q1.yaml", "value: w", "valeu: w", "13:7: this check has none of `value`, `call`, `module`, `prose` — did you mean `value`?"),
    ("q1.yaml", "value: w", "value: w\n      call: f", "13:7: this check has both `value` and `call` — make two checks of it"),
    ("q1.yaml", "kind: exact, ", "", "15:14: this judge has no `kind` — add `kind: close`, `kind: exact` or `kind: choice`"),
    ("q1.yaml", "exact, share", "exat, share", "15:14: there is no judge 'exat' — did you mean `exact`?"),
    ("q1.yaml", "axis: 0", "axis: -1", "15:40: `share_axis` must be at least 0, got -1 — write a number at least 0"),
    ("q2.yaml", "measure: forward", "measure: foward", "11:16: `measure` cannot be 'foward' — did you mean `forward`?"),
    # sums, names of files
    ("q1.yaml", "question: q1", "question: q7", "1:11: the question calls itself `q7`, its file `q1` — write `question: q1`, or rename the file"),
    ("q1.yaml", "parts:\n", "parts:\n  q1c: []\n", "12:3: the part `q1c` has no check — add one, or remove the part"),
    # names of the reference file
    ("q1.yaml", "value: w", "value: v", "13:14: reference/mini/q1.py does not define `v` — define it at top level; it has: f, f_wrong, make, w"),
    ("q1.yaml", "like: f_wrong", "like: f_wrnog", "24:18: reference/mini/q1.py does not define `f_wrnog` — did you mean `f_wrong`?"),
    ("q1.yaml", "call: f\n", "call: f\n      reference: ff\n", "20:18: reference/mini/q1.py does not define `ff` — did you mean `f`?"),
    # cases
    ("q1.yaml", "cases: pairs", "cases: pears", "21:14: no cases are named `pears` — did you mean `pairs`?"),
    ("q1.yaml", '"normal(5)"', '"normal(5, sclae=2)"', "10:24: normal(…) has no option `sclae` — did you mean `scale`?"),
    ("q1.yaml", '"normal(5)"', "given.tahn", "10:13: given.py does not define `tahn` — did you mean `tanh`?"),
    ("q1.yaml", '"normal(5)"', "{a: 1}", "10:13: `x` is a mapping — write a number, true, false, null, an expression or a list of these"),
    ("q1.yaml", 'y: 0.5', 'z: 0.5', "10:9: this case gives x, z, the first one x, y — arguments go by position: give the same names in the same order"),
    ("q1.yaml", '{x: "normal(5)", y: 0.5}', '{y: 0.5, x: "normal(5)"}', "10:9: this case gives y, x, the first one x, y — arguments go by position: give the same names in the same order"),
    ("q1.yaml", '    hidden:\n      - {x: "normal(5)", y: 0.5}\n', "", "6:3: no hidden case: the answers could be written out — add at least one hidden case"),
    ("q1.yaml", '    public:\n      - {x: "normal(2, 3)", y: 1}\n', "", "6:3: no public case: students cannot try the check — add at least one public case"),
    ("q1.yaml", "cases: pairs", "cases: {}", "21:14: `f` has no case to be called with — add public and hidden cases"),
    ("q1.yaml", "cases: pairs", "cases: {public: [{x: 1, y: 1}], hidden: [{x: 1, y: [1, bad]}]}", "21:62: `bad` is not a number — write given.bad for a name of given.py, or a number"),
    ("q1.yaml", "cases: pairs", "cases: {make: mak, public: [{n: 1}], hidden: [{n: 2}]}", "21:21: reference/mini/q1.py does not define `mak` — did you mean `make`?"),
    ("q1.yaml", "cases: pairs", "cases: {make: make, public: [{n: 1}], hidden: [{k: 2}]}", "21:54: `make` also wants `n` — add `n: …`"),
    ("q1.yaml", "cases: pairs", "cases: {make: make, public: [{n: 1}], hidden: [{n: 2, kk: 3}]}", "21:61: `make` takes no `kk` — did you mean `k`?"),
    # catches
    ("q1.yaml", "like: f_wrong", "like: f_wrong, equals: 2", "24:11: this catch has `like` and `equals` — write exactly one of like: name, equals: value, unregistered: true"),
    ("q1.yaml", "like: f_wrong, ", "", "24:11: this catch has nothing to recognise it by — write exactly one of like: name, equals: value, unregistered: true"),
    ("q1.yaml", "like: f_wrong", "unregistered: true", "24:12: only a module check can find unregistered parameters — remove it"),
    ("q1.yaml", "like: f_wrong", "like: f", "24:18: `f` is the right answer itself — name a wrong implementation"),
    ("q1.yaml", "credit: 1", "credit: 2.5", "17:31: the credit 2.5 is above the 2 points of the check — lower it"),
    ("q1.yaml", "equals: 3", "equals: 3..", "17:20: `3..` is not an expression — write a number, given.NAME, or a call such as normal(2, 3)"),
    ("q1.yaml", "[autograd,", "[autogard,", "22:16: 'autogard' is neither a group nor a dotted name — did you mean `autograd`?"),
    # modules and prose
    ("q2.yaml", "weights: one", "weights: two", "13:16: no weights are named `two` — define them under `weights:` of the question: one"),
    ("q2.yaml", "out=4 in=3", "out=4 in:3", "7:14: `in:3` is not an axis — write name=size, such as `out=4`, or a size; blanks between"),
    ("q2.yaml", '"4 3"', '"4 0"', "20:47: an axis of size 0 — write a size of 1 or more"),
    ("q2.yaml", '      cases:\n        hidden:\n          - {x: "normal(2, 3)"}\n', "", "11:16: the measure `forward` has no case — add `cases:` with inputs"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "line"), ONE_PROBLEM, ids=range(len(ONE_PROBLEM)))
def test_one_mistake_is_one_line(mini, file, old, new, line):
    change(f"rubrics/mini/{file}", old, new)
    assert problems() == [f"rubrics/mini/{file}:{line}"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def f(x):\n    return x\n", "q1.yaml:21:7: `f` of reference/mini/q1.py takes x, the cases give x, y — arguments go by position: change the cases or the function"),
        ("def f(y, x):\n    return x\n", "q1.yaml:21:7: `f` of reference/mini/q1.py takes y, x, the cases give x, y — arguments go by position: put them in this order"),
    ],
    ids=["too few", "turned round"],
)  # fmt: skip
def test_cases_that_do_not_fit_the_reference_are_found(mini, source, line):
    change("reference/mini/q1.py", "def f(x, y):\n    return x\n", source)
    assert problems() == [f"rubrics/mini/{line}"]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("rubrics/mini/exam.yaml", "rubrics/mini/exam.yaml:1:1: the file does not exist — write it"),
        ("rubrics/mini/q2.yaml", "rubrics/mini/exam.yaml:5:17: rubrics/mini/q2.yaml does not exist — write it, or remove it from the list; there are: q1"),
        ("rubrics/mini/guides/q2.md", "rubrics/mini/q2.yaml:21:14: a person marks this item, but rubrics/mini/guides/q2.md says nothing — write there what earns the points and what does not"),
        ("reference/mini/q1.py", "rubrics/mini/q1.yaml:1:11: its reference file reference/mini/q1.py does not exist — write the right answers there"),
    ],
)  # fmt: skip
def test_a_missing_file_is_named_where_it_is_asked_for(mini, file, line):
    Path(file).unlink()
    assert problems() == [line]


@pytest.mark.parametrize(
    ("file", "content", "line"),
    [
        ("reference/mini/q1.py", b"x = 1\ndef f(:\n", "reference/mini/q1.py:2:7: not Python: invalid syntax — mend the Python there"),
        ("rubrics/mini/given.py", b"x = (\n", "rubrics/mini/given.py:1:5: not Python: '(' was never closed — mend the Python there"),
        ("rubrics/mini/guides/q2.md", b"\xff\n", "rubrics/mini/guides/q2.md:1:1: these bytes are not UTF-8 text — save the file as UTF-8"),
        ("rubrics/mini/q3.yaml", b"a: 1\n", "rubrics/mini/q3.yaml:1:1: rubrics/mini/exam.yaml does not list this file — add it to `questions:`, or remove it"),
        ("rubrics/mini/exam.yaml", b"", "rubrics/mini/exam.yaml:1:1: the file is empty — begin with `exam: …`"),
        ("rubrics/mini/exam.yaml", b"- a\n", "rubrics/mini/exam.yaml:1:1: the file is not a mapping of keys to values — begin with `exam: …`"),
        ("rubrics/mini/q1.yaml", b"a: [\n", "rubrics/mini/q1.yaml:2:1: a value is missing here — write a value, or remove the comma or bracket"),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_its_line(mini, file, content, line):
    Path(file).write_bytes(content)
    assert problems() == [line]


def test_a_wrong_sum_is_found_in_the_question_and_in_the_exam(mini):
    change("rubrics/mini/q1.yaml", "points: 6", "points: 6.5")
    assert problems() == [
        "rubrics/mini/exam.yaml:3:9: the exam is worth 10 points, its questions add up to 10.5 — correct the sum or a question",
        "rubrics/mini/q1.yaml:4:9: the question is worth 6.5 points, its checks add up to 6 — correct the sum or a check",
    ]


def test_a_part_belongs_to_one_question(mini):
    change("rubrics/mini/q1.yaml", "q1b:", "q2:")
    assert problems() == [
        "rubrics/mini/q2.yaml:9:3: the part `q2` is in rubrics/mini/q1.yaml:18 already — give it another id"
    ]


def test_a_reference_may_bind_names_in_any_plain_way(mini):
    write(
        "reference/mini/q1.py",
        "from x import f_wrong\nimport make\nfor w in ():\n    pass\n"
        "try:\n    f: object = 1\nexcept ValueError:\n    pass\n",
    )
    assert load().id == "mini"


def test_the_reference_is_never_run(mini):
    write("reference/mini/q1.py", FILES["reference/mini/q1.py"] + "raise SystemExit('ran')\n")
    assert load().id == "mini"


def test_all_mistakes_of_all_files_come_in_one_sorted_run(mini):
    change("rubrics/mini/exam.yaml", "exam: mini", "exam: maxi\nextra: 1")
    write(
        "rubrics/mini/q1.yaml",
        Q1.replace("points: 2", "pionts: 2")
        .replace("normal(5)", "nrmal(5)")
        .replace("like: f_wrong", "like: wrong")
        + "    - {call: g, points: -1, cases: pears}\n    - {points: 1}\n    - oops\n",
    )
    write(
        "rubrics/mini/q2.yaml",
        Q2.replace("out=4", "out=").replace("credit: 1", "credit: 9") + "title: Twice\n",
    )
    write("reference/mini/q2.py", "(\n")
    places = [line.split(": ")[0].removeprefix("rubrics/mini/") for line in problems()]
    assert places == [
        "reference/mini/q2.py:1:1",
        "exam.yaml:1:7", "exam.yaml:2:1",
        "q1.yaml:10:14", "q1.yaml:14:7", "q1.yaml:24:18", "q1.yaml:25:14", "q1.yaml:25:25", "q1.yaml:25:36",
        "q1.yaml:26:7", "q1.yaml:27:7",
        "q2.yaml:7:8", "q2.yaml:20:60", "q2.yaml:23:1",
    ]  # fmt: skip


def test_paths_are_shown_as_given(mini):
    Path("rubrics/mini/exam.yaml").unlink()
    with pytest.raises(RubricError) as caught:
        load_exam(mini / "rubrics" / "mini", reference_root=Path("reference"))
    assert str(caught.value).startswith(f"{mini}/rubrics/mini/exam.yaml:1:1: ")


def test_a_folder_in_place_of_a_file_is_a_problem(mini):
    Path("rubrics/mini/given.py").unlink()
    Path("rubrics/mini/given.py").mkdir()
    assert problems() == ["rubrics/mini/given.py:1:1: not a plain file — put a text file there"]


def test_an_exam_may_be_loaded_from_inside_its_folder(mini, monkeypatch):
    monkeypatch.chdir(mini / "rubrics" / "mini")
    assert load_exam(Path(), reference_root=Path("../../reference")).id == "mini"


def test_axes_have_names_and_sizes():
    assert parse_axes("branch=32 out=4 3") == (
        Axis(name="branch", size=32),
        Axis(name="out", size=4),
        Axis(size=3),
    )
    (weight,) = parse_weights({"w": " 4  256 "})
    assert (weight.shape, weight.element_count) == ((4, 256), 1024)


@pytest.mark.parametrize(
    ("text", "offset", "what"),
    [
        ("", 0, "a weight without axes"),
        ("out=4 in=", 6, "`in=` is not an axis"),
        ("out=4, in=3", 0, "`out=4,` is not an axis"),
        ("4 -1", 2, "`-1` is not an axis"),
        ("a=1 a=2", 4, "the axis `a` stands twice"),
        ("9999 9999", 0, "the weight is too large"),
        ("1 1 1 1 1 1 1 1 1", 0, "the weight is too large"),
        ("٣", 0, "`\\u0663` is not an axis"),
    ],
)
def test_bad_axes_are_refused_at_their_place(text, offset, what):
    with pytest.raises(AxesError) as caught:
        parse_axes(text)
    assert (caught.value.offset, caught.value.what) == (offset, what)


@pytest.mark.parametrize(
    "model",
    [
        ExamHeader,
        Question,
        Limits,
        ValueCheck,
        CallCheck,
        ModuleCheck,
        ProseCheck,
        Close,
        Exact,
        Cases,
        Catch,
    ],
)
def test_the_docs_name_every_key(model):
    docs = (Path(__file__).parent.parent / "docs" / "rubrics.md").read_text(encoding="utf-8")
    kinds = {"value", "call", "module", "prose"}
    assert [key for key in model.model_fields if f"`{key}`" not in docs and key not in kinds] == []


def test_the_docs_name_every_function_of_expressions():
    docs = (Path(__file__).parent.parent / "docs" / "rubrics.md").read_text(encoding="utf-8")
    assert [function for function in FUNCTIONS if f"`{function}(" not in docs] == []
