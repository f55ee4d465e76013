"""Which parameter holds which weight: every layout that a right answer may have, found without a look at names."""

import numpy as np
import pytest

from grader.models.weights import parse_weights
from grader.probing.layouts import Assignment, Parameter, assignments

SPECS = parse_weights(
    {
        "w1": "branch=3 out=2 in=5",
        "b1": "branch=3 out=2",
        "w2": "branch=3 out=2 in=2 3 3",
        "b2": "branch=3 out=2",
        "w3": "branch=3 out=5 in=2",
        "b3": "branch=3 out=5",
    }
)
STAGE_SHAPES = [((2, 5, 1, 1), (2,)), ((2, 2, 3, 3), (2,)), ((5, 2, 1, 1), (5,))]


def branch_major():
    return [
        Parameter(f"{b}.{s}.{i}", shape)
        for b in range(3)
        for s, pair in enumerate(STAGE_SHAPES)
        for i, shape in enumerate(pair)
    ]


def stage_major():
    return [
        Parameter(f"{s}.{b}.{i}", shape)
        for s, pair in enumerate(STAGE_SHAPES)
        for b in range(3)
        for i, shape in enumerate(pair)
    ]


def weights(seed=0):
    rng = np.random.default_rng(seed)
    return {spec.name: rng.standard_normal(spec.shape) for spec in SPECS}


def first(parameters):
    return next(assignments(parameters, SPECS))


def where(assignment: Assignment, parameters, name):
    slot = assignment.slots[[p.name for p in parameters].index(name)]
    return slot.weight, slot.index


def test_branch_after_branch_is_read_in_order():
    parameters = branch_major()
    found = first(parameters)
    assert where(found, parameters, "2.1.1") == ("b2", 2)
    assert where(found, parameters, "0.0.0") == ("w1", 0)


def test_stage_after_stage_is_among_the_candidates():
    parameters = stage_major()
    readings = [
        (where(a, parameters, "0.2.1"), where(a, parameters, "1.0.1")) for a in assignments(parameters, SPECS)
    ]
    assert (("b1", 2), ("b2", 0)) in readings


def test_shuffled_registration_is_put_right_by_the_flow_of_data():
    ordered = branch_major()
    upstream = {
        f"{b}.{s}.{i}": {f"{b}.{t}.{j}" for t in range(s) for j in range(2)}
        for b in range(3)
        for s in range(3)
        for i in range(2)
    }
    shuffled = [ordered[i] for i in np.random.default_rng(1).permutation(len(ordered))]
    index = {p.name: i for i, p in enumerate(shuffled)}
    parameters = [
        Parameter(p.name, p.shape, upstream=frozenset(index[n] for n in upstream[p.name])) for p in shuffled
    ]

    def is_consistent(assignment):
        branches = [
            {where(assignment, parameters, f"{b}.{s}.{i}")[1] for s in range(3) for i in range(2)}
            for b in range(3)
        ]
        stages = [where(assignment, parameters, f"0.{s}.{i}")[0] for s in range(3) for i in range(2)]
        return all(len(b) == 1 for b in branches) and stages == ["w1", "b1", "w2", "b2", "w3", "b3"]

    assert any(is_consistent(a) for a in assignments(parameters, SPECS))


def test_wide_and_grouped_convolutions_hold_whole_weights():
    shapes = [(6, 5, 1, 1), (6,), (6, 2, 3, 3), (6,), (15, 2, 1, 1), (15,)]
    parameters = [Parameter(str(i), shape) for i, shape in enumerate(shapes)]
    arrays = first(parameters).values(parameters, weights())
    np.testing.assert_array_equal(arrays["0"], weights()["w1"].reshape(6, 5, 1, 1))
    np.testing.assert_array_equal(arrays["4"], weights()["w3"].reshape(15, 2, 1, 1))


def test_permuted_axes_are_among_the_candidates():
    shapes = [(3, 5, 2), (3, 2), (3, 2, 2, 3, 3), (3, 2), (5, 6), (3, 5)]
    parameters = [Parameter(str(i), shape) for i, shape in enumerate(shapes)]
    wanted = weights()["w3"].transpose(1, 0, 2).reshape(5, 6)
    assert any(
        np.array_equal(a.values(parameters, weights())["4"], wanted) for a in assignments(parameters, SPECS)
    )


@pytest.mark.parametrize("parameters", [branch_major(), stage_major()], ids=["branches", "stages"])
def test_gathering_undoes_scattering(parameters):
    for assignment in assignments(parameters, SPECS):
        gathered = assignment.gather(parameters, assignment.values(parameters, weights()), SPECS)
        for name, weight in weights().items():
            np.testing.assert_array_equal(gathered[name], weight)


def test_too_few_numbers_fit_nowhere():
    assert list(assignments(branch_major()[:6], SPECS)) == []


def test_a_parameter_that_is_never_used_is_left_out():
    parameters = [Parameter(p.name, p.shape, upstream=frozenset()) for p in branch_major()]
    found = next(assignments([*parameters, Parameter("spare", (2,))], SPECS))
    assert found.slots[-1] is None


def test_description_names_first_and_last_holder():
    parameters = branch_major()
    assert first(parameters).describe(parameters).startswith("w1 ← 0.0.0 … 2.0.0 (3); b1 ← ")
