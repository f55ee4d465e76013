"""Arguments of cases: what they mean, what is refused, and that their values never change by themselves."""

import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.models.value import Given
from grader.rubric.cases import case_name, case_seed, check_argument, evaluate
from grader.rubric.expression import ExpressionError


def value(argument, seed=0):
    return evaluate(argument, np.random.default_rng(seed))


def problems(argument, names=None):
    return [(problem.path, problem.offset, problem.what) for problem in check_argument(argument, given=names)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-1", -1), ("2**0.5", 2**0.5), ("1/3", 1 / 3), ("7//2", 3), ("7 % 4", 3), ("(1 + 2) * 3", 9), ("1e-3", 0.001),
        (".5", 0.5), ("2.", 2.0), ("--1", 1), (" 3 ", 3), ("0.10", 0.1),
    ],
)  # fmt: skip
def test_arithmetic_of_numbers(text, number):
    assert value(text) == number
    assert type(value(text)) is type(number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zeros(2, 3)", np.zeros((2, 3))),
        ("ones(2)", np.ones(2)),
        ("full(2, 1, value=1.5)", np.array([[1.5], [1.5]])),
        ("linspace(-1, 1, 5)", np.array([-1.0, -0.5, 0.0, 0.5, 1.0])),
        ("array([[1, 2], [3, 4]])", np.array([[1.0, 2.0], [3.0, 4.0]])),
        ("array([1/2, -1])", np.array([0.5, -1.0])),
        ("zeros(0, 4)", np.zeros((0, 4))),
        ("array([])", np.zeros(0)),
    ],
)
def test_arrays_without_chance(text, expected):
    array = value(text)
    assert array.data.dtype == np.float64
    assert array.dtype == "float64"
    np.testing.assert_array_equal(array.data, expected)


def test_plain_values_and_lists_stay_what_they_are():
    assert value([1, 2.5, True, None, [-3, "2*3"]]) == [1, 2.5, True, None, [-3, 6]]


def test_given_names_become_given():
    assert value("given.tanh") == Given("tanh")


def test_an_array_without_axes_is_a_number():
    assert type(value("normal()")) is float
    assert type(value("integers(low=2, high=3)")) is int


def test_random_arrays_follow_their_options():
    normal = value("normal(20000, mean=5, scale=0.1)").data
    uniform = value("uniform(20000, low=-2, high=-1)").data
    integers = value("integers(20000, low=3, high=6)").data
    assert abs(normal.mean() - 5) < 0.01
    assert abs(normal.std() - 0.1) < 0.01
    assert -2 <= uniform.min() < -1.99 < -1.01 < uniform.max() < -1
    assert set(integers.tolist()) == {3, 4, 5}
    assert integers.dtype == np.int64


def test_the_values_of_a_seed_are_fixed():
    np.testing.assert_allclose(
        value("normal(2)", seed=1).data, [0.345584192064786, 0.8216181435011584], rtol=1e-15
    )


def test_items_of_a_list_are_drawn_one_after_another():
    first, second = value(["normal(3)", "normal(3)"], seed=4)
    assert not np.array_equal(first.data, second.data)


shapes = st.lists(st.integers(0, 5), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(shapes, st.sampled_from(["normal", "uniform", "zeros", "ones"]), st.integers(0, 2**63 - 1))
def test_shape_and_dtype_are_as_written_and_the_seed_decides(shape, function, seed):
    text = f"{function}({', '.join(map(str, shape))})"
    assert check_argument(text) == []
    once, again = value(text, seed), value(text, seed)
    assert once.data.shape == tuple(shape)
    assert once.data.dtype == np.float64
    assert once.data.flags.c_contiguous
    assert np.array_equal(once.data, again.data)


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="normalgiven.tzs0123456789 ()[],=+-*/%eE_x", max_size=40) | st.text(max_size=20))
def test_no_text_does_anything_but_parse_or_be_refused(text):
    for problem in check_argument(text):
        assert problem.what
        assert problem.fix
        assert 0 <= problem.offset <= len(text)


HOSTILE = {
    "__import__('os').system('x')": (11, '"\'" has no place in an expression'),
    "9**9**9": (0, "the power is too large"),
    "10**400": (0, "the number is too large"),
    "1e300*1e300": (0, "the number is too large"),
    "1e999": (0, "the number is too large"),
    "(-2)**0.5": (0, "a root of a negative number"),
    "1/0": (0, "a division by zero"),
    "0**-1": (0, "a division by zero"),
    "normal(10**12)": (7, "the size 1000000000000 is not a whole number from 0 to 10000000"),
    "normal(10**6, 10**6)": (0, "an array of 1e+12 numbers"),
    "normal(2.5)": (7, "the size 2.5 is not a whole number from 0 to 10000000"),
    "normal(-1)": (7, "the size -1 is not a whole number from 0 to 10000000"),
    "normal(3, scale=-1)": (0, "a negative scale"),
    "normal(3, sclae=1)": (10, "normal(…) has no option `sclae`"),
    "normal(3, **x)": (10, "normal(…) has no option `**`"),
    "normal(*x)": (7, "`*` cannot unpack here"),
    "nrmal(3)": (0, "`nrmal` is not a function of this language"),
    "full(3)": (0, "full(…) needs value=…"),
    "uniform(3, low=1, high=1)": (0, "low=1 is not below high=1"),
    "integers(3, high=2.5)": (0, "the ends of integers(…) are not whole 64-bit numbers"),
    "linspace(1, 2)": (0, "linspace takes start, stop and count"),
    "array([1, [2]])": (10, "the rows of array([…]) differ in length"),
    "array(3)": (0, "array takes one list of numbers"),
    "given.a.b": (0, "only names of given.py may follow a dot"),
    "np.zeros(3)": (0, "this cannot be called"),
    "x.y": (0, "only names of given.py may follow a dot"),
    "given": (0, "`given` is not a number"),
    "lambda: 0": (6, "':' has no place in an expression"),
    "[i for i in normal(3)]": (0, "a plain number is wanted here"),
    "1 if 2 else 3": (0, "a plain number is wanted here"),
    "1if 2 else 3": (0, "`1if` is not a number"),
    "True": (0, "a plain number is wanted here"),
    "normal(3) + 1": (0, "a plain number is wanted here"),
    "1_000": (0, "`1_000` is not a number"),
    "0x10": (0, "`0x10` is not a number"),
    "  hello": (2, "`hello` is not a number"),
    "normal(2": (6, "`normal(2` is not an expression"),
    "": (0, "an empty expression"),
    "(" * 300: (200, "`(((((((((((((((((((((((((((((((((((((...` is not an expression"),
    "(" * 10_000: (0, "an expression of 10000 characters, 500 at most"),
    "-" * 400 + "1": (25, "a calculation nested too deeply"),
    "−1": (0, "'\\u2212' has no place in an expression"),
}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_expression_is_refused_at_its_place(text):
    started = time.perf_counter()
    assert problems(text) == [((), *HOSTILE[text])]
    assert time.perf_counter() - started < 0.5
    with pytest.raises(ExpressionError):
        value(text)


def test_problems_in_lists_are_found_at_their_path():
    assert problems([1, ["x", "given.sin"]], names={"cos"}) == [
        ((1, 0), 0, "`x` is not a number"),
        ((1, 1), 0, "given.py does not define `sin`"),
    ]


def test_a_list_of_large_arrays_is_too_large():
    assert problems(["zeros(6000000)", "zeros(6000000)"]) == [((), 0, "the argument is too large")]


def test_seeds_are_stable_and_tell_words_apart():
    assert case_seed("snu_2021_midterm", "q2", 1) == case_seed("snu_2021_midterm", "q2", 1)
    assert case_seed("exam", 0) == 3695040026307760117
    assert len({case_seed("a", "bc"), case_seed("ab", "c"), case_seed("a", 1), case_seed("a", "1")}) == 4
    assert 0 <= case_seed("é") < 2**63


def test_cases_are_named_from_one():
    assert case_name("public", 0) == "public 1"
    assert case_name("hidden", 2) == "hidden 3"


def test_reading_rubrics_does_not_wait_for_numpy():
    code = "import sys, grader.rubric.rubric_file; print('numpy' in sys.modules, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
