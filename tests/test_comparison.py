"""Comparison within a tolerance: what passes, what does not, and what is said about it."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.judging.comparison import compare
from grader.models.rubric import Close
from grader.models.value import Array, Given

CLOSE = Close()
SQUEEZE = Close(squeeze=True)
W_MESSAGE = "result['w'][1]: not the number asked: off by over 10%, allowed 0.0004%"


def array(data, origin="tensor", dtype=None):
    found = np.asarray(data)
    return Array(found, dtype or found.dtype.name, origin)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def is_right(actual, expected, judge=CLOSE, noise=None):
    return compare(actual, expected, judge, noise=noise).is_match


def message(actual, expected, judge=CLOSE):
    found = compare(actual, expected, judge)
    assert not found.is_match
    return found.message


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (0.5, 0.5),
        (1, 1.0),
        (1.0, 1),
        (array(0.5), 0.5),
        (0.5, array(0.5)),
        (array(2), 2.0),
        (array([1, 2]), array([1.0, 2.0])),
        ([1.0, 2.0], array([1.0, 2.0])),
        ([array(1.0), array(2.0)], array([1.0, 2.0])),
        ((array([1.0, 2.0]), array([3.0, 4.0])), array([[1.0, 2.0], [3.0, 4.0]])),
        (array([[1.0, 2.0], [3.0, 4.0]]), [array([1.0, 2.0]), array([3.0, 4.0])]),
        (array([1.0, 2.0], "sequence"), (1.0, 2.0)),
        ((1.0, array([2.0])), [1.0, array([2.0])]),
        ({"a": 1.0, "b": [2.0]}, {"b": [2.0], "a": 1.0}),
        (True, True),
        (array(True), True),
        (1, True),
        (array([1, 0]), array([True, False])),
        (array([1.0, 2.0]), array([1 + 0j, 2 + 0j])),
        (array(np.zeros((0, 3))), array(np.zeros((0, 3)))),
        ([], array(np.zeros(0))),
        ([], []),
        (-0.0, 0.0),
        (1e-17, 0.0),
        (0.0, 0),
        (array([1e-17, -1e-18]), array([0.0, 0.0])),
        (array([1e308, -1e308]), array([1e308, -1e308])),
        (array([5e-324]), array([5e-324])),
        (float("nan"), float("nan")),
        (array([np.nan, 1.0]), array([np.nan, 1.0])),
        (array([np.inf, -np.inf, 1.0]), array([np.inf, -np.inf, 1.0])),
        (10**400, 10**400),
        (10**30, 1e30),
        (1e30, 10**30),
        (array(2**64 - 1, dtype="uint64"), 2**64 - 1),
        ("Leaky-ReLU.", "leaky_relu"),
        (None, None),
        (Given("tanh"), Given("tanh")),
    ],
)
def test_right_answers_pass(actual, expected):
    assert compare(actual, expected, CLOSE).message == ""
    assert is_right(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected", "said"),
    [
        (array([0.5]), 0.5, "shape (1,), but () is asked"),
        (0.5, array([0.5]), "shape (), but (1,) is asked"),
        (1.0, array([1.0, 1.0]), "shape (), but (2,) is asked"),
        (array(np.ones((3, 4))), array(np.ones((4, 3))), "shape (3, 4), but (4, 3) is asked"),
        (array(np.ones((1, 3))), array(np.ones((3,))), "shape (1, 3), but (3,) is asked"),
        (array(np.zeros((0, 3))), array(np.zeros((3, 0))), "shape (0, 3), but (3, 0) is asked"),
        (array([True, False]), array([1.0, 0.0]), "numbers are asked, yours are true/false"),
        (True, 1.0, "a number is asked, yours is true/false"),
        (True, 1, "a number is asked, yours is true/false"),
        (
            [True, 0.5],
            array([1.0, 0.5]),
            "mixes true/false with numbers, or holds a number too large to compare",
        ),
        (
            [10**400, 1],
            array([1.0, 0.5]),
            "mixes true/false with numbers, or holds a number too large to compare",
        ),
        (1j * np.ones(()), 1.0, None),
        (array([1 + 0j]), array([1.0]), "real numbers are asked, yours are complex"),
        (2, True, "true/false is asked, yours is a number"),
        (array([0.0, 1.0]), array([False, True]), "true/false is asked, yours are numbers"),
        (False, True, "not the choice asked"),
        ("0.5", 0.5, "a number is asked, yours is the text '0.5'"),
        ("yes", True, "true/false is asked, yours is the text 'yes'"),
        (None, array([True]), "true/false values of shape (1,) are asked, yours is None"),
        (None, array([1.0]), "numbers of shape (1,) are asked, yours is None"),
        (Given("tanh"), 1.0, "a number is asked, yours is the function given.tanh"),
        ({"a": 1.0}, 1.0, "a number is asked, yours is a dict with the keys 'a'"),
        (
            [[1.0], [2.0, 3.0]],
            array([1.0]),
            "numbers of shape (1,) are asked, yours is a list of 2 items that form no such array",
        ),
        ([1.0], [1.0, "a"], "a list of 2 items is asked, yours has 1"),
        (array([1.0, 2.0, 3.0]), [1.0, "a"], "a list of 2 items is asked, yours has 3"),
        (1.0, [1.0, "a"], "a list of 2 items is asked, yours is the number 1"),
        ([1.0], {"w": 1.0}, "a dict with the keys 'w' is asked, yours is a list of 1 item"),
        ({"W": 1.0}, {"w": 1.0}, "the dict's keys differ; missing: 'w'; not asked for: 'W'"),
        (
            {"w": [1.0, 2.5]},
            {"w": [1.0, array(2.0)]},
            W_MESSAGE,
        ),
        ([1.0, 9.0, 9.0], [1.0, 2.0, array(3.0)], None),
        (10**400, 1.5, "mixes true/false with numbers, or holds a number too large to compare"),
        (1e300, 10**400, "not the value asked"),
        (10**400 + 1, 10**400, "not the number asked"),
        (78591, 78592, "not the number asked"),
        (array([1, 2, 3]), array([1, 2, 4]), "1 of 3 values differ; first at [2]"),
        ("tanh", "relu", "not the text asked"),
        (1.0, "relu", "a text is asked, yours is the number 1"),
        (1.0, None, "not what is asked: yours is the number 1"),
        (0.0, float("nan"), "a number where NaN is asked"),
        (float("nan"), 0.0, "NaN where a number is asked"),
        (float("inf"), 0.0, "infinite where it should not be"),
        (0.0, float("inf"), "finite where it should be infinite"),
        (
            array([[1.0, np.nan], [np.nan, 1.0]]),
            array(np.ones((2, 2))),
            "2 of 4 values are NaN where numbers are asked; first at [0, 1]",
        ),
        (
            array([np.inf, -np.inf]),
            array([np.inf, np.inf]),
            "1 of 2 values are infinite where they should not be; first at [1]",
        ),
        (
            array([1.0, 2.0, 3.5]),
            array([1.0, 2.0, 3.0]),
            "1 of 3 values differ; first at [2]; largest off by over 10%, allowed 0.0003%",
        ),
        (
            array([1e308]),
            array([-1e308]),
            "1 of 1 values differ; first at [0]; largest off by over 100%, allowed 0.0004%",
        ),
        (
            array([1 + 2j, 3 + 4j]),
            array([1 + 2j, 3 - 4j]),
            "1 of 2 values differ; first at [1]; largest off by over 100%, allowed 0.0003%",
        ),
        (1.0, 0.0, "not the number asked: off by over 100%"),
        (100.0005, 100.0, "not the number asked: off by a little more than the 0.0004% that is allowed"),
    ],
)
def test_wrong_answers_are_told_why(actual, expected, said):
    if isinstance(actual, np.ndarray):
        actual = array(actual)
    found = message(actual, expected)
    assert said is None or found == said


def test_expected_numbers_are_in_the_note_and_not_in_the_message():
    actual, expected = np.zeros((4, 6)), np.zeros((4, 6))
    actual[2, 5], expected[2, 5] = 0.31, 0.625
    found = compare(array(actual), array(expected), CLOSE)
    assert found.expected_note == "expected 0.625 at [2, 5], yours is 0.31; off by 0.32, allowed 1.5e-06"
    assert found.message == "1 of 24 values differ; first at [2, 5]; largest off by over 10%, allowed 0.0002%"
    assert found.largest_error == pytest.approx(0.315)


def test_an_absolute_bound_is_not_told_as_a_share_because_it_would_tell_the_expected_size():
    assert message(7.25, 6.25, Close(rtol=0, atol=0.5)) == "not the number asked: off by over 10%"


def test_other_wrong_items_are_counted():
    found = message([1.0, 9.0, array([9.0])], [1.0, 2.0, array([3.0])])
    size = "off by over 100%, allowed 0.0004%"
    assert found == f"result[1]: not the number asked: {size}; 1 other item of the result also wrong"


def test_text_of_a_student_is_escaped_and_cut():
    found = message("\x1b[2J" + "a" * 300, 1.0)
    assert found.startswith("a number is asked, yours is the text '\\x1b[2Jaaa")
    assert len(found) < 260


@pytest.mark.parametrize("shape", [(3, 1), (1, 3), (1, 3, 1), (3,)])
def test_squeeze_forgives_size_one_axes(shape):
    assert is_right(array(np.arange(3.0).reshape(shape)), array([0.0, 1.0, 2.0]), SQUEEZE)


def test_squeeze_does_not_broadcast():
    assert not is_right(array([1.0]), array([1.0, 1.0]), SQUEEZE)
    assert is_right(array([[0.5]]), 0.5, SQUEEZE)


@pytest.mark.parametrize("terms", [27, 576, 4608])
@pytest.mark.parametrize("is_noise_known", [True, False])
def test_right_float32_loop_passes(terms, is_noise_known):
    a, b = normal(1000, terms, seed=1), normal(terms, seed=2)
    expected = a @ b
    a32, b32 = a.astype(np.float32), b.astype(np.float32)
    noise = array(a32 @ b32) if is_noise_known else None
    total = np.zeros(1000, dtype=np.float32)
    for k in range(terms):
        total = total + a32[:, k] * b32[k]
    assert total.dtype == np.float32
    assert is_right(array(total), array(expected), noise=noise)
    assert is_right(array(total.tolist(), "sequence"), array(expected), noise=noise)


@pytest.mark.parametrize("relative", [1e-5, 3e-5, -1e-5])
def test_float64_answer_slightly_off_everywhere_fails(relative):
    expected = normal(64)
    noise = array(expected.astype(np.float32))
    assert not is_right(array(expected * (1 + relative)), array(expected), noise=noise)
    assert not is_right(array(expected * (1 + relative)), array(expected))


def test_missing_eps_in_float64_fails():
    x = normal(8, 100)
    variance = x.var(axis=1, keepdims=True) * 0.3
    expected = x / np.sqrt(variance + 1e-5)
    assert not is_right(array(x / np.sqrt(variance)), array(expected))


def test_missing_eps_in_float32_fails_where_noise_is_known():
    expected = normal(64)
    noise = array(expected.astype(np.float32))
    assert not is_right(array((expected * (1 + 3e-5)).astype(np.float32)), array(expected), noise=noise)


def test_float32_sign_error_fails_however_noisy_the_reference():
    expected = normal(64)
    noise = array(np.full(64, 1e6, dtype=np.float32))
    assert not is_right(array((-expected).astype(np.float32)), array(expected), noise=noise)
    assert not is_right(array(-expected), array(expected), noise=noise)
    assert not is_right(array(expected * 1.1), array(expected), noise=noise)


def test_short_numbers_earn_no_float32_tolerance():
    assert not is_right(1.0, 1 - 3e-5)
    assert not is_right(array([1.0, 0.5]), array([1 - 3e-5, 0.5]))


def test_float32_zero_for_an_exact_zero_passes_and_a_number_does_not():
    zeros = array(np.zeros(5))
    assert is_right(array(np.full(5, 3e-8, dtype=np.float32)), zeros)
    assert not is_right(array(np.full(5, 1e-4, dtype=np.float32)), zeros)
    assert not is_right(array(np.full(5, 1e-9)), zeros)


def test_rounding_dust_of_the_reference_is_known_by_its_noise():
    assert is_right(array(0.0), array(3e-17), noise=array(np.float32(2e-8)))
    assert not is_right(array(1e-5), array(3e-17), noise=array(np.float32(2e-8)))


def test_tiny_numbers_are_judged_at_their_own_scale():
    assert not is_right(2e-20, 1e-20)
    assert is_right(1e-20 * (1 + 1e-7), 1e-20)
    assert not is_right(array(np.float32(0)), 1e-50, noise=array(np.float32(0)))


def test_noise_that_is_no_float32_widens_nothing():
    expected = normal(64)
    noise = array(expected * 1.5)
    assert not is_right(array((expected * 1.001).astype(np.float32)), array(expected), noise=noise)


def test_a_pair_of_quantities_does_not_share_a_tolerance():
    assert not is_right((0.5001, 10_000.0), array([0.5, 10_000.0], "sequence"))
    assert is_right((0.5, 10_000.0), array([0.5, 10_000.0], "sequence"))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_refused_by_name_unless_accepted(dtype):
    expected = normal(16)
    actual = array(expected.astype(np.float16).astype(np.float32), dtype=dtype)
    said = f"computed in {dtype}, too coarse to be judged; use float32 or float64"
    assert message(actual, array(expected)) == said
    assert is_right(actual, array(expected), Close(accept_half=True))
    assert not is_right(array(-actual.data, dtype=dtype), array(expected), Close(accept_half=True))


def test_absolute_tolerance_is_in_the_unit_of_the_value():
    judge = Close(rtol=0, atol=0.1)
    assert is_right(1.09, 1.0, judge)
    assert not is_right(1.11, 1.0, judge)
    assert is_right(101, 100, Close(atol=1))
    assert not is_right(102, 100, Close(atol=1))


def test_huge_tolerance_of_huge_numbers_lets_not_everything_pass():
    assert not is_right(array([-1.7e308]), array([1.7e308]), Close(rtol=0.9))


FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=64)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
DTYPES = st.sampled_from(
    ["bool", "uint8", "int64", "uint64", "float32", "float64", "complex64", "complex128"]
)


@st.composite
def arrays(draw):
    dtype = draw(DTYPES)
    data = draw(hnp.arrays(np.dtype(dtype), draw(SHAPES)))
    origin = draw(st.sampled_from(["tensor", "ndarray", "sequence"]))
    name = draw(st.sampled_from(["float16", "bfloat16", "float32"])) if dtype == "float32" else dtype
    return Array(data, name, origin)


PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), FLOATS, st.text(max_size=5), arrays())
VALUES = st.recursive(
    st.one_of(PLAIN, st.just(10**400), st.just(Given("tanh"))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=8,
)


@given(VALUES, VALUES, VALUES, st.booleans())
@settings(max_examples=300, deadline=None)
def test_never_raises_and_never_passes_without_a_reason(actual, expected, noise, squeeze):
    found = compare(actual, expected, Close(squeeze=squeeze, accept_half=squeeze), noise=noise)
    assert found.is_match == (found.message == "")


@given(VALUES)
@settings(max_examples=200, deadline=None)
def test_a_value_matches_itself(value):
    assert compare(value, value, Close(accept_half=True)).message == ""


@given(hnp.arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e6, 1e6)), st.data())
@settings(max_examples=150, deadline=None)
def test_one_perturbed_entry_is_found(expected, data):
    index = data.draw(st.integers(0, expected.size - 1))
    size = 1e-3 * (np.abs(expected).max() + 1e-6)
    actual = expected.copy()
    actual[index] += data.draw(st.sampled_from([size, -size]))
    assume(actual[index] != expected[index])
    found = compare(array(actual), array(expected), CLOSE)
    assert f"first at [{index}]" in found.message


@given(st.lists(st.integers(-1000, 1000), min_size=6, max_size=6, unique=True), st.permutations(range(6)))
@settings(max_examples=100, deadline=None)
def test_another_order_is_another_answer(hundredths, order):
    expected = np.array(hundredths) / 100
    actual = expected[list(order)]
    assert is_right(array(actual), array(expected)) is (order == sorted(order))


@given(hnp.arrays(np.float64, (2, 3), elements=FLOATS))
@settings(max_examples=100, deadline=None)
def test_nested_lists_are_as_good_as_arrays(data):
    assert is_right(data.tolist(), array(data))
    assert is_right([array(row) for row in data], array(data))
    assert is_right(array(data), data.tolist())
