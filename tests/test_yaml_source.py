"""YAML files: YAML 1.2 values, the places of everything, and what is refused."""

# ruff: noqa: E501 - tables of inputs and messages, a row a line.

import math

import pytest

from grader.rubric.yaml_source import Mark, read_yaml


def read(text):
    return read_yaml("a.yaml", text.encode())


def lines(text):
    return [str(problem) for problem in read(text).problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001), (".5", 0.5), ("1.", 1.0), ("+.5e3", 500.0), ("010", 10), ("-0", 0), ("0o17", 15), ("0x1F", 31),
        ("no", "no"), ("on", "on"), ("yes", "yes"), ("y", "y"), ("true", True), ("False", False), ("null", None),
        ("~", None), ("", None), (".inf", math.inf), ("-.Inf", -math.inf), ("1_000", "1_000"), ("12:30", "12:30"),
        ("2021-01-01", "2021-01-01"), ("'1'", "1"), ('"null"', "null"), ("1e3", 1000.0), ("tRUE", "tRUE"), ("=", "="),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text, value):
    data = read(f"a: {text}\n").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_nan_is_a_number():
    assert math.isnan(read("a: .nan\n").data["a"])


def test_every_key_and_value_has_its_place():
    source = read("a:\n  - b: 'é x'\n    c: [1, 22]\n")
    assert source.data == {"a": [{"b": "é x", "c": [1, 22]}]}
    assert source.key_mark(("a", 0, "c")) == Mark(3, 5)
    assert source.value_mark(("a", 0, "c", 1)) == Mark(3, 12)
    assert source.text_mark(("a", 0, "b"), 2) == Mark(2, 11)


def test_a_place_inside_folded_text_is_the_place_of_the_text():
    assert read("a: >-\n  one\n  two\n").text_mark(("a",), 4) == Mark(1, 4)


def test_a_missing_value_has_the_place_of_its_parent():
    assert read("a:\n  b: 1\n").value_mark(("a", "x", "y")) == Mark(2, 3)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3:1: `a` stands twice, first on line 1 — keep one of the two"),
        ("a: &x 1\n", "a.yaml:1:4: `&x` names a value for reuse — remove it; aliases are not used here"),
        ("a: *x\n", "a.yaml:1:4: `*x` repeats another value — write the value out; aliases are not used here"),
        (
            "a: !!python/name:os.system x\n",
            "a.yaml:1:4: the tag `tag:yaml.org,2002:python/name:os.system` — "
            "remove it; a value's kind follows from how it is written",
        ),
        ("<<: {a: 1}\n", "a.yaml:1:1: `<<` merges another mapping — write its keys out; merging is not used here"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2:1: a second document begins here — keep one document a file"),
        ("%YAML 1.1\n---\na: 1\n", "a.yaml:1:1: a `%` directive — remove the line; files are read as YAML 1.2"),
        ("1: a\n", 'a.yaml:1:1: the key `1` is read as a number, not as a name — write "1"'),
        ("[a]: b\n", "a.yaml:1:1: a key that is itself a list or a mapping — use a plain name as the key"),
        ("a:\n\tb: 1\n", "a.yaml:2:1: a tab in the indentation — use spaces"),
        ("a: 1e999\n", "a.yaml:1:4: a number larger than a float can hold — write a smaller number"),
        ("a: " + "9" * 400, "a.yaml:1:4: a number of 400 digits — write a smaller number"),
        ("a: \0\n", "a.yaml:1:4: the control character U+0000 — remove it (it may be invisible in an editor)"),
        ("a: x\u2028y\n", "a.yaml:1:5: the control character U+2028 — remove it (it may be invisible in an editor)"),
        ("a: 'b\nc: 1\n", "a.yaml:1:4: a quote that is never closed — close it with the same quote"),
        ("a: @b\n", "a.yaml:1:4: a value cannot begin with `@` — put the text in quotes"),
        ("a: 1\nb\n", "a.yaml:3:1: a key without its colon — write `key: value`, and quote longer texts"),
        ("- a\nb: 1\n", "a.yaml:2:1: this line does not belong to the list above it — begin it with `- `, or indent it"),
        (
            "a: b: c\n",
            "a.yaml:1:5: a colon where no key can stand — "
            "indent the line like its neighbours, or put text with a colon in quotes",
        ),
        (
            "a: [1\nb: 2\n",
            "a.yaml:2:2: a comma or a closing bracket is missing before this — "
            "close the bracket, or put text with brackets in quotes",
        ),
        ('a: "\\q"\n', "a.yaml:1:5: a backslash escape that YAML does not know — put the text in 'single quotes'"),
    ],
)  # fmt: skip
def test_a_problem_names_its_place_and_its_fix(text, line):
    assert lines(text) == [line]


def test_all_problems_of_a_file_come_at_once():
    found = lines("a: &x 1\nb: !t 2\na: 3\nc: [*x, {<<: 1}]\n2: x\n")
    assert [line.split(": ")[0] for line in found] == [
        "a.yaml:1:4", "a.yaml:2:4", "a.yaml:3:1", "a.yaml:4:5", "a.yaml:4:10", "a.yaml:5:1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "call", "data"),
    [
        ("a: {x: normal(2, 3), y: 4}\n", "normal(2, 3)", {"a": {"x": "normal(2, 3)", "y": 4}}),
        ("a: [f(1, k=2), 4]\n", "f(1, k=2)", {"a": ["f(1, k=2)", 4]}),
        ("a: {x: array([[1,2],[3,4]])}\n", "array([[1,2],[3,4]])", None),
    ],
)
def test_a_call_cut_off_by_its_own_comma_is_told_to_wear_quotes(text, call, data):
    source = read(text)
    (problem,) = source.problems
    assert problem.what == f"without quotes, a comma ends the value: this one is cut off in `{call}`"
    assert problem.fix == f'write "{call}"'
    assert source.data == data


def test_an_alias_bomb_is_never_expanded():
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(9))
    source = read(bomb)
    assert source.data["a9"] == [None] * 9
    assert len(source.problems) == 91


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{a: " * 50_000, "- " * 400_000, "a:\n" + " " * 99_999 + "b: 1"]
)
def test_deep_or_odd_text_ends_in_a_problem_or_a_value(text):
    source = read(text)
    assert source.problems or source.data == {"a": {"b": 1}}


def test_nesting_has_a_limit():
    assert lines("[" * 31 + "]" * 31) == ["a.yaml:1:31: nested deeper than 30 levels — flatten the data"]


def test_a_huge_file_is_not_read():
    assert lines("#" * 1_000_001) == [
        "a.yaml:1:1: the file is larger than 1000000 bytes — split the question, or make the data in its reference file"
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("a: é".encode("utf-16"), "a.yaml:1:1: the file is UTF-16 — save it as UTF-8"),
        (b"a: 1\nb: x\xe9\n", "a.yaml:2:5: these bytes are not UTF-8 text — save the file as UTF-8"),
    ],
    ids=["utf-16", "latin-1"],
)
def test_other_encodings_are_named(content, line):
    assert [str(problem) for problem in read_yaml("a.yaml", content).problems] == [line]


def test_a_utf8_signature_and_crlf_do_no_harm():
    source = read_yaml("a.yaml", b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert source.data == {"a": 1, "b": 2}
    assert source.key_mark(("b",)) == Mark(2, 1)


def test_an_empty_file_is_null():
    assert read("").data is None
    assert read("# nothing\n").is_complete
