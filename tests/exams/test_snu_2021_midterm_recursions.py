"""The references q6 and q7 of the SNU midterm against PyTorch, and each known slip against the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.func import jacrev

from tests.exams.snu_2021_midterm import SEEDS, assert_close, distance, given, normal, q6, q7, rubric, tensors

ACTIVATIONS = ("tanh", "sigmoid", "softplus", "sin")


def _torch_nesterov(theta0: torch.Tensor, grads: torch.Tensor, alpha: float, beta: float) -> torch.Tensor:
    theta = theta0.clone().requires_grad_()
    # PyTorch refuses nesterov=True with zero momentum; the two are the same there.
    optimizer = torch.optim.SGD([theta], lr=alpha, momentum=beta, nesterov=beta > 0)
    rows = []
    for gradient in grads:
        theta.grad = gradient.clone()
        optimizer.step()
        rows.append(theta.detach().clone())
    return torch.stack(rows)


@pytest.mark.parametrize("form", ["form_one", "form_two"])
@pytest.mark.parametrize("seed", SEEDS)
def test_q6_forms_agree_with_torch_sgd(form: str, seed: int) -> None:
    n, steps, beta = 1 + seed % 4, 1 + seed, [0.0, 0.5, 0.9, 0.99][seed % 4]
    theta0, grads = normal(seed, n), normal(seed + 100, steps, n)
    result = getattr(q6, form)(theta0, grads, 0.1, beta)
    assert_close(result, _torch_nesterov(theta0, grads, 0.1, beta))


def test_q6_slips_stand_out_where_there_is_momentum() -> None:
    for seed, (n, steps, alpha, beta) in enumerate([(3, 5, 0.1, 0.9), (4, 12, 0.03, 0.5), (1, 7, 0.2, 0.99)]):
        arguments = (normal(seed, n), normal(seed + 50, steps, n), alpha, beta)
        answers = [
            function(*arguments)
            for function in (q6.form_two, q6.heavy_ball, q6.momentum_one_step_late, q6.momentum_starts_late)
        ]
        for index, one in enumerate(answers):
            assert all(distance(one, other) > 100 for other in answers[index + 1 :])


MLPS = rubric("q7")["cases"]["mlps"]


def _network(A: list, b: list, x: torch.Tensor, sigma: Any) -> list[torch.Tensor]:
    """Return y_0 … y_L."""
    values = [x, sigma(A[0] @ x + b[0])]
    for matrix, shift in zip(A[1:-1], b[1:-1], strict=True):
        values.append(sigma(matrix @ values[-1] + shift) + values[-1])
    return [*values, A[-1] @ values[-1] + b[-1]]


def _random_mlp(seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    depth, width, inputs = 2 + seed % 11, int(rng.integers(1, 65)), int(rng.integers(1, 9))
    sigma = getattr(given, ACTIVATIONS[seed % 4])
    return tensors(list(q7.make_mlp(rng, depth, width, inputs, sigma).values()))


def _rubric_mlps(seed: int) -> list[list[Any]]:
    made = []
    for index, spec in enumerate([*MLPS["public"], *MLPS["hidden"]]):
        sigma = getattr(given, spec["sigma"].removeprefix("given."))
        rng = np.random.default_rng([seed, index])
        made.append(tensors(list(q7.make_mlp(rng, spec["L"], spec["m"], spec["n"], sigma).values())))
    return made


@pytest.mark.parametrize("seed", SEEDS)
def test_q7_jacobians_agree_with_jacrev(seed: int) -> None:
    A, b, x, sigma, dsigma = _random_mlp(seed)
    values = _network(A, b, x, sigma)
    expected = []
    for layer in range(1, len(A)):

        def one_layer(y: torch.Tensor, layer: int = layer) -> torch.Tensor:
            z = A[layer] @ y + b[layer]
            return z if layer == len(A) - 1 else sigma(z) + y

        expected.append(jacrev(one_layer)(values[layer]))
    assert_close(q7.jacobians(A, b, x, sigma, dsigma), expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_q7_gradients_agree_with_autograd(seed: int) -> None:
    A, b, x, sigma, dsigma = _random_mlp(seed)
    dA, db = q7.gradients(A, b, x, sigma, dsigma)
    leaves = [leaf.clone().requires_grad_() for leaf in (*A, *b)]
    output = _network(leaves[: len(A)], leaves[len(A) :], x, sigma)[-1]
    assert_close([*dA, *db], torch.autograd.grad(output[0], leaves), rtol=1e-10)


def _catches(part: str, item: int) -> list[str]:
    return [catch["like"] for catch in rubric("q7")["parts"][part][item]["catch"]]


@pytest.mark.parametrize(
    ("part", "item", "name", "take"),
    [("q7i", 0, "jacobians", None), ("q7ii", 0, "gradients", 0), ("q7ii", 1, "gradients", 1)],
)
def test_q7_slips_differ_from_the_truth_and_from_each_other(
    part: str, item: int, name: str, take: int | None
) -> None:
    cases = _rubric_mlps(seed=1)
    answers = []
    for function in [name, *_catches(part, item)]:
        results = [getattr(q7, function)(*case) for case in cases]
        answers.append([result if take is None else result[take] for result in results])
    for index, one in enumerate(answers):
        for other in answers[index + 1 :]:
            assert max(distance(left, right) for left, right in zip(one, other, strict=True)) > 1000


@pytest.mark.parametrize("name", [*ACTIVATIONS, "identity", "relu", "leaky_relu"])
def test_given_derivatives_agree_with_autograd(name: str) -> None:
    z = torch.linspace(-30, 30, 100, dtype=torch.float64, requires_grad=True)
    (expected,) = torch.autograd.grad(getattr(given, name)(z).sum(), z)
    assert_close(getattr(given, f"d_{name}")(z.detach()), expected)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_given_activations_return_the_kind_they_are_given(name: str) -> None:
    function = getattr(given, name)
    assert isinstance(function(np.zeros((2, 3))), np.ndarray)
    assert isinstance(function(torch.zeros(2)), torch.Tensor)
    assert isinstance(function(0.5), float)
    assert function(np.float32([0.5])).dtype == np.float32
    assert function(0.5) == pytest.approx(float(function(torch.tensor(0.5, dtype=torch.float64))), rel=1e-15)


@pytest.mark.parametrize("form", ["form_one", "form_two"])
def test_q6_follows_float32_inputs(form: str) -> None:
    rows = getattr(q6, form)(normal(0, 3).float(), normal(1, 4, 3).float(), 0.1, 0.9)
    assert rows.dtype == torch.float32


def test_q7_follows_float32_inputs() -> None:
    made = q7.make_mlp(np.random.default_rng(0), 4, 3, 2, given.tanh)
    arguments = tensors(list(made.values()), torch.float32)
    dA, db = q7.gradients(*arguments)
    for leaf in [*q7.jacobians(*arguments), *dA, *db]:
        assert leaf.dtype == torch.float32
