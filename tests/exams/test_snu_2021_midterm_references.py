"""The references q1 to q4 of the SNU midterm against independent oracles, and their known slips."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, leaky_relu, relu

from tests.exams.snu_2021_midterm import (
    SEEDS,
    assert_close,
    distance,
    normal,
    q1,
    q2,
    q3,
    q4,
    rubric,
    tensors,
)


def _differences(image: torch.Tensor) -> torch.Tensor:
    """(3, m, n) → (6, m, n) by the definition, pixel by pixel."""
    _, rows, columns = image.shape
    result = torch.zeros(6, rows, columns, dtype=image.dtype)
    for colour in range(3):
        for i in range(rows):
            for j in range(columns):
                below = image[colour, i + 1, j] if i + 1 < rows else 0.0
                right = image[colour, i, j + 1] if j + 1 < columns else 0.0
                result[2 * colour, i, j] = below - image[colour, i, j]
                result[2 * colour + 1, i, j] = right - image[colour, i, j]
    return result


@pytest.mark.parametrize("seed", SEEDS)
def test_q1_filters_give_the_differences_borders_included(seed: int) -> None:
    image = normal(seed, 3, 1 + seed % 5, 1 + seed % 7)
    assert torch.equal(conv2d(image[None], q1.w, padding=1)[0], _differences(image))


def test_q1_slips_share_no_filter_with_the_truth_nor_with_each_other() -> None:
    answers = [q1.w, q1.flipped_kernel, q1.swapped_axes, q1.sign_reversed, q1.colours_mixed]
    for index, one in enumerate(answers):
        assert one.shape == (6, 3, 3, 3)
        for other in answers[index + 1 :]:
            assert not any(torch.equal(left, right) for left, right in zip(one, other, strict=True))


TRAININGS = rubric("q2")["parts"]["q2"][0]["cases"]


def _rubric_trainings(seed: int) -> list[list[Any]]:
    specs = [*TRAININGS["public"], *TRAININGS["hidden"]]
    return [
        list(tensors(list(q2.make_training(np.random.default_rng([seed, i]), **spec).values())))
        for i, spec in enumerate(specs)
    ]


def _torch_adam(a: Any, b: Any, u: Any, X: Any, Y: Any, lr: float, steps: int) -> list[torch.Tensor]:
    theta = [part.clone().requires_grad_() for part in (a, b, u)]
    optimizer = torch.optim.Adam(theta, lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        prediction = torch.tanh(X[:, None] * theta[0] + theta[1]) @ theta[2]
        nn.functional.mse_loss(prediction, Y).backward()
        optimizer.step()
    return [part.detach() for part in theta]


@pytest.mark.parametrize("seed", SEEDS)
def test_q2_agrees_with_torch_adam_on_autograd(seed: int) -> None:
    for arguments in _rubric_trainings(seed):
        assert_close(q2.train(*arguments), _torch_adam(*arguments), rtol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_q2_twins_stay_equal_bit_for_bit(seed: int) -> None:
    made = q2.make_training(
        np.random.default_rng(seed),
        2 + seed % 9,
        1 + seed,
        lr=0.05,
        steps=30,
        has_twins=True,
        has_silent=False,
    )
    for part in q2.train(*tensors(list(made.values()))):
        assert part[-1] == part[-2]


@pytest.mark.parametrize("slip", ["train_without_bias_correction", "train_with_sgd"])
@pytest.mark.parametrize("seed", range(5))
def test_q2_slips_stand_out_in_every_case(slip: str, seed: int) -> None:
    for arguments in _rubric_trainings(seed):
        assert distance(getattr(q2, slip)(*arguments), q2.train(*arguments)) > 50


def _orders_agree(activation: Any, seed: int) -> bool:
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(200, dtype=torch.float64, generator=generator)
    mask = (torch.rand(200, generator=generator) > 0.4).to(z.dtype) / 0.6
    return torch.allclose(mask * activation(z), activation(mask * z), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("seed", SEEDS)
def test_q3_verdicts_hold_under_the_same_mask(seed: int) -> None:
    activations = {"relu": relu, "sigmoid": torch.sigmoid, "leaky_relu": leaky_relu}
    found = {name: _orders_agree(activation, seed) for name, activation in activations.items()}
    assert q3.equivalent == found


@pytest.mark.parametrize("seed", SEEDS)
def test_q4_output_moments_agree_with_simulation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_in, sigma_A, samples = 1 + seed, 0.2 + 0.1 * seed, 40_000
    x = 0.5 + rng.normal(size=(samples, n_in))
    y = 0.5 + (sigma_A * rng.normal(size=(samples, n_in)) * x).sum(1) / 4
    mean, variance = q4.output_moments(n_in, sigma_A)
    # 5 standard errors; the kurtosis of a product of two normals is at most 9 at this offset.
    assert y.mean() == pytest.approx(mean, abs=5 * np.sqrt(variance / samples))
    assert y.var() == pytest.approx(variance, rel=5 * np.sqrt(8 / samples))


@pytest.mark.parametrize("seed", SEEDS)
def test_q4_gradient_moments_agree_with_simulation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_out, sigma_A, samples = 1 + seed, 0.2 + 0.1 * seed, 40_000
    upstream = rng.normal(size=(samples, n_out))
    gradient = (upstream * sigma_A * rng.normal(size=(samples, n_out))).sum(1) / 4
    mean, variance = q4.input_gradient_moments(n_out, sigma_A)
    assert gradient.mean() == pytest.approx(mean, abs=5 * np.sqrt(variance / samples))
    assert gradient.var() == pytest.approx(variance, rel=5 * np.sqrt(8 / samples))


def test_q4_literal_values() -> None:
    assert q4.output_moments(64, 2.0) == (0.5, 20.0)
    assert q4.moments_with_unit_second_moment(64, 2.0) == (0.5, 16.0)
    assert q4.moments_without_slope(64, 2.0) == (0.5, 320.0)
    assert q4.input_gradient_moments(64, 2.0) == (0.0, 16.0)
    assert q4.gradient_moments_without_slope(64, 2.0) == (0.0, 256.0)


def test_q2_follows_float32_inputs() -> None:
    for arguments in _rubric_trainings(0):
        shortened = [part.float() if isinstance(part, torch.Tensor) else part for part in arguments]
        assert {part.dtype for part in q2.train(*shortened)} == {torch.float32}
