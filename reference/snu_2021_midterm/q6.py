"""Truth and known slips of q6: two ways to write SGD with Nesterov momentum.

Form one extrapolates the sequence psi; form two is the one of `torch.optim.SGD(nesterov=True)`, see its docs.
Every function takes theta0 (n,), grads (K, n) and returns (K, n), the rows theta^1 to theta^K.
"""

from __future__ import annotations

import torch


def form_one(theta0: torch.Tensor, grads: torch.Tensor, alpha: float, beta: float) -> torch.Tensor:
    """psi' = theta - alpha g; theta' = psi' + beta (psi' - psi), from psi^0 = theta^0."""
    theta, psi, rows = theta0, theta0, []
    for gradient in grads:
        previous, psi = psi, theta - alpha * gradient
        theta = psi + beta * (psi - previous)
        rows.append(theta)
    return torch.stack(rows)


def form_two(theta0: torch.Tensor, grads: torch.Tensor, alpha: float, beta: float) -> torch.Tensor:
    """m' = g + beta m; theta' = theta - alpha (beta m' + g), from m^0 = 0."""
    theta, momentum, rows = theta0, torch.zeros_like(theta0), []
    for gradient in grads:
        momentum = gradient + beta * momentum
        theta = theta - alpha * (beta * momentum + gradient)
        rows.append(theta)
    return torch.stack(rows)


def heavy_ball(theta0: torch.Tensor, grads: torch.Tensor, alpha: float, beta: float) -> torch.Tensor:
    """Momentum without the look-ahead: theta' = theta - alpha m'."""
    theta, momentum, rows = theta0, torch.zeros_like(theta0), []
    for gradient in grads:
        momentum = gradient + beta * momentum
        theta = theta - alpha * momentum
        rows.append(theta)
    return torch.stack(rows)


def momentum_one_step_late(
    theta0: torch.Tensor, grads: torch.Tensor, alpha: float, beta: float
) -> torch.Tensor:
    """The extrapolation uses the difference of the step before: theta' = psi' + beta (psi - psi_before)."""
    theta, before, psi, rows = theta0, theta0, theta0, []
    for gradient in grads:
        following = theta - alpha * gradient
        theta = following + beta * (psi - before)
        before, psi = psi, following
        rows.append(theta)
    return torch.stack(rows)


def momentum_starts_late(
    theta0: torch.Tensor, grads: torch.Tensor, alpha: float, beta: float
) -> torch.Tensor:
    """The first step has no momentum, as if psi^0 were psi^1; in form two the first gradient misses m."""
    theta, momentum, rows = theta0, torch.zeros_like(theta0), []
    for step, gradient in enumerate(grads):
        if step > 0:
            momentum = gradient + beta * momentum
        theta = theta - alpha * (beta * momentum + gradient)
        rows.append(theta)
    return torch.stack(rows)
