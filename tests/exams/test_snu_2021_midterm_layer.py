"""The reference of q5 of the SNU midterm against real modules and a plain loop, and each known slip."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, relu

from tests.exams.snu_2021_midterm import SEEDS, assert_close, distance, normal, q5, rubric


def _plain_stack() -> nn.Module:
    return nn.Sequential(nn.Conv2d(256, 128, 1), nn.Conv2d(128, 128, 3, padding=1), nn.Conv2d(128, 256, 1))


def _branch() -> nn.Module:
    return nn.Sequential(nn.Conv2d(256, 4, 1), nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 256, 1))


def test_q5_counts_are_those_of_real_modules() -> None:
    assert q5.n_params_plain == sum(p.numel() for p in _plain_stack().parameters()) == 213504
    assert q5.n_params_stm == 32 * sum(p.numel() for p in _branch().parameters()) == 78592


def _weights(question: dict, spec: dict[str, str] | None, seed: int) -> dict[str, torch.Tensor]:
    rng = np.random.default_rng(seed)
    shapes = {
        name: [int(axis.rpartition("=")[2]) for axis in axes.split()]
        for name, axes in (spec or question["weights"]["stm"]).items()
    }
    return {name: torch.from_numpy(0.2 * rng.normal(size=shape)) for name, shape in shapes.items()}


def _loop(x: torch.Tensor, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    total = torch.zeros_like(x)
    for k in range(32):
        h = relu(conv2d(x, weights["w1"][k][:, :, None, None], weights["b1"][k]))
        h = relu(conv2d(h, weights["w2"][k], weights["b2"][k], padding=1))
        total = total + relu(conv2d(h, weights["w3"][k][:, :, None, None], weights["b3"][k]))
    return total


@pytest.mark.parametrize("seed", SEEDS)
def test_q5_layer_agrees_with_a_loop_over_branches(seed: int) -> None:
    weights = _weights(rubric("q5"), None, seed)
    x = normal(seed, 1 + seed % 3, 256, 1 + seed % 4, 1 + seed % 5).requires_grad_()
    output, expected = q5.stm_conv(x, **weights), _loop(x, weights)
    assert_close(output, expected)
    (gradient,) = torch.autograd.grad(output.square().sum(), x)
    assert_close(gradient, torch.autograd.grad(expected.square().sum(), x)[0])


def test_q5_slips_stand_out_in_every_forward_case() -> None:
    question = rubric("q5")
    (forward,) = [check for check in question["parts"]["q5b"] if check.get("measure") == "forward"]
    slips = [catch for catch in forward["catch"] if "like" in catch]
    assert len(slips) == 6
    for seed, shape in enumerate([(2, 256, 8, 8), (1, 256, 5, 7), (3, 256, 1, 1), (1, 256, 6, 2)]):
        x = normal(seed, *shape)
        answers = [q5.stm_conv(x, **_weights(question, None, seed))]
        for catch in slips:
            answers.append(getattr(q5, catch["like"])(x, **_weights(question, catch.get("weights"), seed)))
        for index, one in enumerate(answers):
            assert all(distance(one, other) > 1e4 for other in answers[index + 1 :])


def test_q5_shared_branch_has_its_own_count() -> None:
    question = rubric("q5")
    (forward,) = [check for check in question["parts"]["q5b"] if check.get("measure") == "forward"]
    counts = {
        catch["like"]: sum(w.numel() for w in _weights(question, catch.get("weights"), 0).values())
        for catch in forward["catch"]
        if "like" in catch
    }
    assert counts["shared_branch"] == 2456
    assert counts["ungrouped_third"] == 78592 - 31 * 256
    assert counts["series_branches"] == 78592


def test_q5_shared_branch_is_the_layer_with_equal_branches() -> None:
    spec = {
        "w1": "out=4 in=256",
        "b1": "out=4",
        "w2": "out=4 in=4 3 3",
        "b2": "out=4",
        "w3": "out=256 in=4",
        "b3": "out=256",
    }
    one = _weights({}, spec, 3)
    x = normal(3, 2, 256, 3, 4)
    stacked = {name: weight.expand(32, *weight.shape) for name, weight in one.items()}
    assert_close(q5.shared_branch(x, **one), _loop(x, stacked))


def test_q5_follows_float32_inputs() -> None:
    weights = {name: weight.float() for name, weight in _weights(rubric("q5"), None, 0).items()}
    assert q5.stm_conv(normal(0, 1, 256, 2, 3).float(), **weights).dtype == torch.float32
