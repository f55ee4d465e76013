"""The judges exact and choice, the picking of an item, and how values are named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judging.judges import PickError, describe, judge, pick
from grader.models.rubric import Choice, Close, Exact
from grader.models.value import Array, Given

EXACT = Exact()
CHOICE = Choice()


def array(data, origin="tensor", dtype=None):
    found = np.asarray(data)
    return Array(found, dtype or found.dtype.name, origin)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (78592.0, 78592),
        (array(78592), 78592),
        (array(np.float32(1.0)), 1.0),
        (array(np.ones(3, dtype=np.float16)), array(np.ones(3))),
        ([1, 2, 3], array([1.0, 2.0, 3.0])),
        (2**80, 2**80),
        (float(2**80), 2**80),
        (array(2**63, dtype="uint64"), 2**63),
        (array([-1, 2]), array([-1, 2], dtype="int64")),
        (-0.0, 0),
        (array([np.nan, np.inf]), array([np.nan, np.inf])),
        (1, True),
        ("  Leaky-ReLU. ", "leaky_relu"),
        ("'tanh'", "tanh"),
        ("batch  norm", "Batch_Norm"),
        ((1, "a"), [1, "A"]),
    ],
)
def test_exact_accepts_equal_values(actual, expected):
    assert judge(actual, expected, EXACT).is_match


@pytest.mark.parametrize(
    ("actual", "expected", "said"),
    [
        (78592.5, 78592, "not the number asked"),
        (78592 + 1e-9, 78592, "not the number asked"),
        (float(2**53), 2**53 + 1, "not the number asked"),
        (2**53, 2**53 + 1, "not the number asked"),
        (array(-1), array(2**64 - 1, dtype="uint64"), "not the number asked"),
        (
            array([-1, 1]),
            array(np.array([2**64 - 1, 1], dtype=np.uint64)),
            "1 of 2 values differ; first at [0]",
        ),
        (array([1, 2]), array([[1, 2]]), "shape (2,), but (1, 2) is asked"),
        (True, 1, "a number is asked, yours is true/false"),
        (1j, 1, "a number is asked, yours is"),
        (array(1j), 1, "real numbers are asked, yours are complex"),
        ("-1", "1", "not the text asked"),
        ("1e3", "1e-3", "not the text asked"),
        (float("nan"), 1.0, "not the number asked"),
    ],
)
def test_exact_refuses_anything_else(actual, expected, said):
    if isinstance(actual, complex):
        actual, said = array(actual), "real numbers are asked, yours are complex"
    found = judge(actual, expected, EXACT)
    assert not found.is_match
    assert found.message == said


def test_shares_count_the_right_slices():
    expected = np.zeros((6, 3, 3, 3))
    expected[:, 0, 1, 1] = -1
    actual = expected.copy()
    actual[[1, 4]] *= -1
    found = judge(array(actual), array(expected), Exact(share_axis=0))
    assert found.message == "4 of 6 slices along axis 0 are right; wrong: 1, 4"
    assert found.share == pytest.approx(4 / 6)
    assert found.expected_note == "expected -1 at [1, 0, 1, 1], yours is 1"


def test_shares_need_the_right_shape():
    found = judge(array(np.zeros((6, 3))), array(np.zeros((3, 6))), Exact(share_axis=0))
    assert (found.share, found.message) == (0.0, "shape (6, 3), but (3, 6) is asked")


def test_a_full_share_is_a_match():
    found = judge([[1, 2], [3, 4]], array([[1, 2], [3, 4]]), Exact(share_axis=1))
    assert (found.share, found.is_match) == (1.0, True)


@pytest.mark.parametrize(
    "actual", [True, 1, 1.0, "true", "T", "Yes.", "y", " 'TRUE' ", array(True), array(1), array(1.0)]
)
def test_choice_reads_every_spelling_of_true(actual):
    assert judge(actual, True, CHOICE).is_match
    assert judge(actual, "yes", CHOICE).is_match
    assert judge(actual, False, CHOICE).message == "not the right choice"


@pytest.mark.parametrize("actual", [False, 0, "no", "F", "false", "N", array(False), -0.0])
def test_choice_reads_every_spelling_of_false(actual):
    assert judge(actual, False, CHOICE).is_match
    assert judge(actual, array(False), CHOICE).is_match


@pytest.mark.parametrize("actual", ["perhaps", 2, 0.5, None, [True], {"a": True}, float("nan")])
def test_choice_asks_for_true_or_false(actual):
    assert judge(actual, True, CHOICE).message == f"True or False is asked, yours is {describe(actual)}"


@pytest.mark.parametrize(
    ("actual", "expected", "is_match"),
    [
        ("Layer Norm", "layer-norm", True),
        ("b", "a", False),
        (2, 2, True),
        (2.0, 2, True),
        (3, 2, False),
        (["b", "a", "a"], ["a", "b"], True),
        ("A, b", ["a", "b"], True),
        ("a", ["a"], True),
        (["a"], ["a", "b"], False),
        (["a", "b", "c"], ["a", "b"], False),
        ([2, 1], array([1, 2], "sequence"), True),
        ([True, False], array([True, False], "sequence"), True),
        ([False, True], array([True, False], "sequence"), False),
        (["yes", 0], [True, False], True),
        ([True], [True, False], False),
        ({"relu": "yes", "sigmoid": 0}, {"relu": True, "sigmoid": False}, True),
        ({"relu": True}, {"relu": True, "sigmoid": False}, False),
        ([True], {"relu": True}, False),
        (None, ["a"], False),
        (None, "a", False),
    ],
)
def test_choice_compares_options_sets_and_dicts(actual, expected, is_match):
    assert judge(actual, expected, CHOICE).is_match is is_match


def test_choice_names_the_key_and_keeps_the_answer_in_the_note():
    found = judge({"relu": False}, {"relu": True}, CHOICE)
    assert found.message == "result['relu']: not the right choice"
    assert found.expected_note == "result['relu']: expected True"


@pytest.mark.parametrize(
    ("value", "take", "found"),
    [((1.0, 2.0), 1, 2.0), ([1.0, 2.0], -1, 2.0), ({"relu": True}, "relu", True)],
)
def test_pick_takes_an_item(value, take, found):
    assert pick(value, take) == found


def test_pick_takes_a_row_of_an_array_and_keeps_its_dtype():
    row = pick(array(np.eye(2), dtype="bfloat16"), 1)
    assert isinstance(row, Array)
    assert (row.data.tolist(), row.dtype, row.origin) == ([0.0, 1.0], "bfloat16", "tensor")
    assert judge(pick(array([0.5, 7.0], "sequence"), 0), 0.5, Close()).is_match


@pytest.mark.parametrize(
    ("value", "take", "said"),
    [
        ((1.0,), 1, "item 1 (counted from 0) is asked, yours has 1 item"),
        (0.5, 0, "a tuple or list is asked, yours is the number 0.5"),
        (array(0.5), 0, "a tuple or list is asked, yours is one float64 number"),
        ({"a": 1}, 0, "a tuple or list is asked, yours is a dict with the keys 'a'"),
        ({"a": 1}, "b", "`b` is missing from the dict; it has 'a'"),
        ({}, "b", "`b` is missing from the dict; it is empty"),
        ([1], "b", "a dict with the key 'b' is asked, yours is a list of 1 item"),
    ],
)
def test_pick_says_what_is_not_there(value, take, said):
    with pytest.raises(PickError) as error:
        pick(value, take)
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (array(np.zeros((3, 4))), "a float64 tensor of shape (3, 4)"),
        (array(np.zeros((3, 4)), "ndarray"), "a float64 array of shape (3, 4)"),
        (array([1, 2], "sequence"), "a list of numbers of shape (2,)"),
        ("abc", "the text 'abc'"),
        ("\x1b[31m\u202e", "the text '\\x1b[31m\\u202e'"),
        (["a", 1, 2], "a list of 3 items"),
        ((), "an empty tuple"),
        ({}, "an empty dict"),
        (None, "None"),
        (True, "True"),
        (3, "the number 3"),
        (10**400, "a whole number of about 400 digits"),
        (0.1, "the number 0.1"),
        (Given("tanh"), "the function given.tanh"),
    ],
)
def test_values_are_described_in_a_few_safe_words(value, words):
    assert describe(value) == words


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.just(10**400),
    st.sampled_from([array([1, 2]), array([[True]]), array(1j), array(np.zeros((0, 2))), array([np.nan])]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=6,
)


@given(
    VALUES, VALUES, st.sampled_from([EXACT, Exact(share_axis=0), Exact(share_axis=1, squeeze=True), CHOICE])
)
@settings(max_examples=300, deadline=None)
def test_judges_never_raise(actual, expected, how):
    found = judge(actual, expected, how)
    assert found.is_match == (found.message == "")
    assert found.is_match == (found.share == 1.0)


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_a_value_equals_itself(value):
    assert judge(value, value, EXACT).is_match
