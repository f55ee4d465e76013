"""From outcomes to points: what a check, a prose item and a part are worth, and what is said."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judging.scoring import ScoringError, score_check, score_part, score_prose, title_of
from grader.models.outcome import CatchExpectation, ExpectedCase, Outcome
from grader.models.result import CheckResult, Status
from grader.models.rubric import CallCheck, Cases, Choice, Exact, ModuleCheck, ProseCheck, ValueCheck
from grader.models.value import Array

CALL = CallCheck(call="output_moments", points=6, cases=Cases())
FILTERS = ValueCheck(value="w", points=10, judge=Exact(share_axis=0))
CASES = ("public 1", "hidden 1", "hidden 2")


def outcome(case="public 1", value=None, **fields):
    return Outcome(case=case, is_public=case.startswith("public"), value=value, **fields)


def outcomes(*values):
    return tuple(outcome(case, value) for case, value in zip(CASES, values, strict=True))


def expect(*values):
    return tuple(ExpectedCase(value=value) for value in values)


def score(*values, catches=(), check=CALL):
    return score_check(check, outcomes(*values), expect(1.0, 2.0, 3.0), catches=catches, check_id="q4a.1")


def test_all_cases_right_earn_the_points():
    found = score(1.0, 2.0, 3.0)
    assert (found.status, found.points, found.message) == (Status.PASSED, 6.0, "")
    assert [case.status for case in found.cases] == [Status.PASSED] * 3


def test_one_wrong_case_earns_nothing_and_is_named():
    found = score(1.0, 2.0, 3.3)
    assert (found.status, found.points) == (Status.FAILED, 0.0)
    said = "not the number asked: off by over 1%, allowed 0.0004%"
    assert found.message == f"right on public 1, hidden 1; wrong on hidden 2: {said}"


def test_a_public_case_speaks_first():
    case_outcomes = (outcome("hidden 1", "x"), outcome("public 1", "y"))
    found = score_check(CALL, case_outcomes, expect(1.0, 2.0), catches=(), check_id="q4a.1")
    assert found.message == "wrong in all 2 cases; public 1: a number is asked, yours is the text 'y'"


def test_expected_numbers_are_noted_for_public_cases_only():
    found = score(1.5, 2.5, 3.0)
    assert found.cases[0].expected_note == "expected 1, yours is 1.5; off by 0.5, allowed 4e-06"
    assert found.cases[1].expected_note == ""


def test_a_single_case_is_not_named():
    check = ValueCheck(value="n", points=2, judge=Exact())
    found = score_check(check, (outcome("value", 5),), expect(6), catches=(), check_id="q5a.1")
    assert found.message == "not the number asked; yours is 5"


@pytest.mark.parametrize(
    ("value", "expected", "said"),
    [
        (5, 6, "not the number asked; yours is 5"),
        (5.0, 6, "not the number asked; yours is 5"),
        (Array(np.array(5), "int64", "tensor"), 6, "not the number asked; yours is 5"),
        ("5", 6, "a number is asked, yours is the text '5'"),
        (True, 6, "a number is asked, yours is true/false"),
        ([5], 6, "shape (1,), but () is asked"),
    ],
)
def test_a_wrong_constant_is_shown_to_its_author(value, expected, said):
    check = ValueCheck(value="n", points=2, judge=Exact())
    found = score_check(check, (outcome("value", value),), expect(expected), check_id="q5a.1")
    assert (found.status, found.message) == (Status.FAILED, said)


def test_a_wrong_choice_is_not_repeated_and_a_wrong_count_of_parameters_is():
    choice = ValueCheck(value="equivalent", points=2, judge=Choice())
    found = score_check(choice, (outcome("value", True),), expect(False), check_id="q3.1")
    assert found.message == "not the right choice"
    count = ModuleCheck(module="Net", measure="parameter_count", weights="w", points=2, judge=Exact())
    found = score_check(count, (outcome("module", 69),), expect(70), check_id="q5b.1")
    assert found.message == "not the number asked; yours is 69"


def test_no_number_of_a_hidden_case_is_told():
    found = score(1.0, 2.0, 123.456)
    assert "123" not in found.message
    assert "3.0" not in found.message


@pytest.mark.parametrize("take", [None, 0])
def test_a_function_that_returns_nothing_is_told_so(take):
    check = CALL.model_copy(update={"take": take})
    right = expect((1.0, 2.0), (1.0, 2.0)) if take == 0 else expect(1.0, 2.0)
    found = score_check(check, (outcome(), outcome("hidden 1")), right, check_id="q4a.1")
    said = "wrong in all 2 cases: `output_moments` returns nothing (did you forget `return`?)"
    assert (found.status, found.points, found.message) == (Status.FAILED, 0.0, said)


def test_a_function_that_is_to_return_none_may():
    found = score_check(CALL, (outcome(),), expect(None), check_id="q4a.1")
    assert found.status is Status.PASSED


def test_right_slices_earn_their_share_of_the_worst_case():
    right = np.arange(12.0).reshape(6, 2)
    one, two = right.copy(), right.copy()
    one[0] += 1
    two[:3] += 1
    found = score_check(
        FILTERS,
        (outcome("public 1", Array(one, "float64")), outcome("hidden 1", Array(two, "float64"))),
        expect(Array(right, "float64"), Array(right, "float64")),
        catches=(),
        check_id="q1.1",
    )
    assert (found.status, found.points) == (Status.PARTIAL, 5.0)
    assert found.cases[0].status is Status.PARTIAL
    assert found.message.endswith("public 1: 5 of 6 slices along axis 0 are right; wrong: 0")


def test_a_share_has_no_dust():
    right = np.arange(6.0)
    found = score_check(
        FILTERS.model_copy(update={"points": 0.9}),
        (outcome("value", Array(np.array([9, 1, 2, 3, 4, 5.0]), "float64")),),
        expect(Array(right, "float64")),
        catches=(),
        check_id="q1.1",
    )
    assert found.points == 0.75


FLIPPED = CatchExpectation(credit=3, say="You forgot the factor.", values=(16.0, 32.0, 48.0))


def test_a_known_wrong_answer_earns_its_credit_and_its_sentence():
    found = score(16.0, 32.0, 48.0, catches=(FLIPPED,))
    assert (found.status, found.points, found.message) == (Status.PARTIAL, 3.0, "You forgot the factor.")


def test_a_catch_needs_every_case():
    found = score(16.0, 32.0, 3.0, catches=(FLIPPED,))
    assert (found.status, found.points) == (Status.FAILED, 0.0)


def test_a_catch_is_recognised_within_the_tolerance_and_no_further():
    assert score(16.00001, 32.0, 48.0, catches=(FLIPPED,)).points == 3.0
    assert score(16.001, 32.0, 48.0, catches=(FLIPPED,)).points == 0.0


def test_a_catch_without_credit_fails_with_its_sentence():
    catch = FLIPPED.model_copy(update={"credit": 0.0})
    found = score(16.0, 32.0, 48.0, catches=(catch,))
    assert (found.status, found.points, found.message) == (Status.FAILED, 0.0, "You forgot the factor.")


def test_the_best_of_several_catches_counts():
    better = FLIPPED.model_copy(update={"credit": 4.0, "say": "Nearly."})
    found = score(16.0, 32.0, 48.0, catches=(FLIPPED, better))
    assert (found.points, found.message) == (4.0, "Nearly.")


def test_a_right_answer_is_never_caught():
    catch = CatchExpectation(credit=0, say="Wrong.", values=(1.0, 2.0, 3.0))
    assert score(1.0, 2.0, 3.0, catches=(catch,)).points == 6.0


def test_a_catch_by_one_value():
    check = ValueCheck(value="n", points=2, judge=Exact())
    catch = CatchExpectation(credit=1, say="Each convolution has a bias too.", equals=70144)
    found = score_check(
        check, (outcome("value", 70144.0),), expect(78592), catches=(catch,), check_id="q5a.2"
    )
    assert (found.points, found.message) == (1.0, "Each convolution has a bias too.")


def test_a_catch_takes_the_judged_item_of_its_values():
    check = CALL.model_copy(update={"take": 1})
    catch = CatchExpectation(credit=3, say="Factor.", values=((0.5, 16.0),))
    found = score_check(
        check, (outcome("public 1", (99.0, 16.0)),), expect((0.5, 1.0)), catches=(catch,), check_id="q4a.2"
    )
    assert found.points == 3.0


def test_a_catch_never_lowers_a_share():
    right, wrong = np.arange(6.0), np.array([9, 1, 2, 3, 4, 5.0])
    catch = CatchExpectation(credit=6, say="Flipped.", values=(Array(wrong, "float64"),))
    found = score_check(
        FILTERS.model_copy(update={"points": 12}),
        (outcome("value", Array(wrong, "float64")),),
        expect(Array(right, "float64")),
        catches=(catch,),
        check_id="q1.1",
    )
    assert (found.points, found.message) == (10.0, "Flipped.")


def test_a_case_that_failed_without_a_value_is_wrong():
    failed = (outcome("public 1", status=Status.FAILED, message="the layers do not fit"),)
    found = score_check(CALL, failed, expect(1.0, 2.0, 3.0), catches=(FLIPPED,), check_id="q5b.2")
    assert (found.status, found.points, found.message) == (Status.FAILED, 0.0, "the layers do not fit")


def test_take_judges_one_item_of_the_result():
    check = CALL.model_copy(update={"take": 0})
    found = score_check(
        check, (outcome("public 1", [1.0, 99.0]),), expect((1.0, 2.0)), catches=(), check_id="q4a.1"
    )
    assert found.points == 6.0
    missing = score_check(
        check, (outcome("public 1", 1.0),), expect((1.0, 2.0)), catches=(), check_id="q4a.1"
    )
    assert missing.message == "a tuple or list is asked, yours is the number 1"


def test_take_that_the_reference_cannot_serve_is_our_error():
    check = CALL.model_copy(update={"take": 2})
    with pytest.raises(ScoringError, match="the reference's own result does not fit `take`"):
        score_check(
            check, (outcome("public 1", (1.0, 2.0)),), expect((1.0, 2.0)), catches=(), check_id="q4a.1"
        )


def test_an_error_in_one_case_is_the_status_and_names_what_worked():
    raised = outcome("hidden 1", status=Status.ERROR, message="ZeroDivisionError: division by zero", line=7)
    case_outcomes = (outcome("public 1", 1.0), raised, outcome("hidden 2", 9.0))
    found = score_check(CALL, case_outcomes, expect(1.0, 2.0, 3.0), catches=(), check_id="q4a.1")
    assert (found.status, found.points, found.line) == (Status.ERROR, 0.0, 7)
    assert found.message == (
        "hidden 1: ZeroDivisionError: division by zero; right on public 1; wrong on hidden 2"
    )


def test_a_run_that_broke_off_scores_with_fewer_cases():
    stopped = (outcome("public 1", 1.0), outcome("hidden 1", status=Status.TIMEOUT, message="over 10 s"))
    found = score_check(CALL, stopped, expect(1.0, 2.0, 3.0), catches=(), check_id="q4a.1")
    assert (found.status, found.message) == (Status.TIMEOUT, "hidden 1: over 10 s; right on public 1")


def test_a_missing_name_is_told_without_a_case():
    missing = (outcome("public 1", status=Status.MISSING, message="`f` is not defined"),)
    found = score_check(CALL, missing, expect(1.0, 2.0, 3.0), catches=(), check_id="q4a.1")
    assert (found.status, found.message) == (Status.MISSING, "`f` is not defined")


def test_the_most_telling_status_wins():
    case_outcomes = (
        outcome("public 1", status=Status.ERROR, message="ValueError"),
        outcome("hidden 1", status=Status.VIOLATION, message="autograd refused"),
        outcome("hidden 2", 3.0),
    )
    found = score_check(CALL, case_outcomes, expect(1.0, 2.0, 3.0), catches=(), check_id="q4a.1")
    assert found.status is Status.VIOLATION


def test_our_own_failure_costs_no_points():
    broken = (outcome("public 1", status=Status.INTERNAL_ERROR, message="fork server gone"),)
    found = score_check(CALL, broken, expect(1.0, 2.0, 3.0), catches=(FLIPPED,), check_id="q4a.1")
    assert (found.status, found.points) == (Status.INTERNAL_ERROR, None)


def test_outcomes_that_do_not_pair_with_cases_are_our_error():
    with pytest.raises(ScoringError, match=r"q4a.1: 0 outcomes for 2 cases"):
        score_check(CALL, (), expect(1.0, 2.0), catches=(), check_id="q4a.1")
    with pytest.raises(ScoringError, match="none broke off"):
        score_check(CALL, (outcome(value=1.0),), expect(1.0, 2.0), catches=(), check_id="q4a.1")
    with pytest.raises(ScoringError, match="1 outcomes for 0 cases"):
        score_check(CALL, (outcome(value=1.0),), (), catches=(), check_id="q4a.1")
    with pytest.raises(ScoringError, match="1 values for 3 cases"):
        score(1.0, 2.0, 4.0, catches=(CatchExpectation(credit=1, say="x", values=(1.0,)),))


def test_written_answers_wait_for_a_person():
    found = score_prose(ProseCheck(prose="Induction base", points=2), has_text=True, check_id="q6.3")
    assert (found.status, found.points, found.is_manual) == (Status.PENDING, None, True)
    assert found.message == "to be marked by a person"


def test_a_missing_section_names_its_heading():
    found = score_prose(ProseCheck(prose="Both cases", points=2), has_text=False, check_id="q7iii.1")
    assert (found.status, found.points) == (Status.MISSING, 0.0)
    assert found.message == "no text in answers.md below a heading `## q7 iii`"
    dotted = score_prose(ProseCheck(prose="Both cases", points=2), has_text=False, check_id="q1.1.2")
    assert dotted.message == "no text in answers.md below a heading `## q1.1`"


def test_titles_are_readable():
    module = ModuleCheck(module="STMConvLayer", measure="forward", weights="stm", points=6)
    assert title_of(FILTERS) == "value w"
    assert title_of(CALL) == "output_moments"
    assert title_of(CALL.model_copy(update={"take": 1})) == "output_moments, item 1"
    assert title_of(module) == "STMConvLayer: output"
    assert title_of(CALL.model_copy(update={"title": "The mean"})) == "The mean"


def result(status, points, max_points=2.0, *, is_manual=False):
    return CheckResult(
        check="q2.1", title="t", status=status, points=points, max_points=max_points, is_manual=is_manual
    )


@pytest.mark.parametrize(
    ("results", "status", "auto", "manual"),
    [
        ([result(Status.PASSED, 2), result(Status.PASSED, 2)], Status.PASSED, 4.0, 0.0),
        ([result(Status.PASSED, 2), result(Status.FAILED, 0)], Status.PARTIAL, 2.0, 0.0),
        ([result(Status.PARTIAL, 0.1), result(Status.PARTIAL, 0.2)], Status.PARTIAL, 0.3, 0.0),
        ([result(Status.FAILED, 0), result(Status.TIMEOUT, 0)], Status.TIMEOUT, 0.0, 0.0),
        ([result(Status.MISSING, 0), result(Status.ERROR, 0)], Status.ERROR, 0.0, 0.0),
        ([result(Status.FAILED, 0), result(Status.MISSING, 0)], Status.MISSING, 0.0, 0.0),
        ([result(Status.PASSED, 2), result(Status.PENDING, None, is_manual=True)], Status.PENDING, 2.0, None),
        ([result(Status.FAILED, 0), result(Status.PENDING, None, is_manual=True)], Status.PENDING, 0.0, None),
        ([result(Status.PASSED, 2), result(Status.INTERNAL_ERROR, None)], Status.INTERNAL_ERROR, None, 0.0),
        (
            [result(Status.INTERNAL_ERROR, None), result(Status.PENDING, None, is_manual=True)],
            Status.INTERNAL_ERROR,
            None,
            None,
        ),
        ([result(Status.MISSING, 0, is_manual=True)], Status.MISSING, 0.0, 0.0),
    ],
)
def test_a_part_adds_up_its_checks(results, status, auto, manual):
    found = score_part("q2", results)
    assert (found.status, found.auto_points, found.manual_points) == (status, auto, manual)


def test_automatic_and_manual_points_stay_apart():
    found = score_part("q2", [result(Status.PASSED, 2), result(Status.MISSING, 0, 10, is_manual=True)])
    assert (found.auto_max, found.manual_max, found.max_points, found.points) == (2.0, 10.0, 12.0, 2.0)


NUMBERS = st.one_of(
    st.none(), st.floats(), st.integers(), st.text(max_size=3), st.lists(st.floats(), max_size=3)
)


@given(st.lists(NUMBERS, min_size=3, max_size=3), st.floats(0, 6))
@settings(max_examples=150, deadline=None)
def test_points_are_within_bounds_and_full_only_for_right_answers(values, credit):
    catch = CatchExpectation(credit=credit, say="known", values=(16.0, 32.0, 48.0))
    found = score(*values, catches=(catch,))
    assert 0 <= found.points <= 6
    assert (found.points == 6) == (found.status is Status.PASSED)
