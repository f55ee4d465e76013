"""Truth and known slips of q2: full-batch Adam on a two-layer network with tanh.

Kingma and Ba, "Adam: a method for stochastic optimization", algorithm 1, with the
defaults of `torch.optim.Adam`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8

Parameters = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def train(
    a: torch.Tensor, b: torch.Tensor, u: torch.Tensor, X: torch.Tensor, Y: torch.Tensor, lr: float, steps: int
) -> Parameters:
    """Return (a, b, u), each (p,), after `steps` steps on mean((u . tanh(a X + b) - Y)^2); X, Y (N,)."""
    return _adam((a, b, u), X, Y, lr, steps, BETA_1, BETA_2)


def train_without_bias_correction(
    a: torch.Tensor, b: torch.Tensor, u: torch.Tensor, X: torch.Tensor, Y: torch.Tensor, lr: float, steps: int
) -> Parameters:
    """The running means are used as they are, though they start at zero."""
    return _adam((a, b, u), X, Y, lr, steps, 0.0, 0.0)


def train_with_sgd(
    a: torch.Tensor, b: torch.Tensor, u: torch.Tensor, X: torch.Tensor, Y: torch.Tensor, lr: float, steps: int
) -> Parameters:
    """Plain gradient descent."""
    for _ in range(steps):
        grad_a, grad_b, grad_u = _gradient(a, b, u, X, Y)
        a, b, u = a - lr * grad_a, b - lr * grad_b, u - lr * grad_u
    return a, b, u


def make_training(
    rng: np.random.Generator, p: int, N: int, lr: float, steps: int, has_twins: bool, has_silent: bool
) -> dict[str, Any]:
    """Return arguments of `train`. Twins are the last two neurons; u_0 = 0 makes one silent at first."""
    a, b, u = rng.normal(size=(3, p))
    if has_twins:
        a[-1], b[-1], u[-1] = a[-2], b[-2], u[-2]
    if has_silent:
        u[0] = 0.0
    return {
        "a": a,
        "b": b,
        "u": u,
        "X": rng.normal(size=N),
        "Y": rng.normal(size=N),
        "lr": lr,
        "steps": steps,
    }


def _adam(
    theta: Parameters, X: torch.Tensor, Y: torch.Tensor, lr: float, steps: int, decay_1: float, decay_2: float
) -> Parameters:
    """Adam whose bias correction at step t divides by 1 - decay^t (decay 0: no correction)."""
    first = [torch.zeros_like(part) for part in theta]
    second = [torch.zeros_like(part) for part in theta]
    for step in range(1, steps + 1):
        gradient = _gradient(*theta, X, Y)
        first = [BETA_1 * m + (1 - BETA_1) * g for m, g in zip(first, gradient, strict=True)]
        second = [BETA_2 * v + (1 - BETA_2) * g * g for v, g in zip(second, gradient, strict=True)]
        mean_bias, square_bias = 1 - decay_1**step, 1 - decay_2**step
        a, b, u = (
            part - lr * (m / mean_bias) / ((v / square_bias).sqrt() + EPSILON)
            for part, m, v in zip(theta, first, second, strict=True)
        )
        theta = (a, b, u)
    return theta


def _gradient(
    a: torch.Tensor, b: torch.Tensor, u: torch.Tensor, X: torch.Tensor, Y: torch.Tensor
) -> Parameters:
    """Return the loss gradient in a, b and u, each (p,)."""
    # Row by row: tanh over (p, N) may round equal rows differently where the last register is not full.
    hidden = torch.stack([torch.tanh(slope * X + shift) for slope, shift in zip(a, b, strict=True)])
    residual = 2 * (u @ hidden - Y) / len(X)
    inner = residual * u[:, None] * (1 - hidden**2)
    return (inner * X).sum(1), inner.sum(1), (residual * hidden).sum(1)
