"""Form I returns the rows of psi; form II forgets to scale the new gradient."""

import torch


def form_one(theta0, grads, alpha, beta):
    theta, psi, rows = theta0, theta0, []
    for g in grads:
        new = theta - alpha * g
        theta, psi = new + beta * (new - psi), new
        rows.append(psi)
    return torch.stack(rows)


def form_two(theta0, grads, alpha, beta):
    theta, m, rows = theta0, torch.zeros_like(theta0), []
    for g in grads:
        m = g + beta * m
        theta = theta - alpha * beta * m - g
        rows.append(theta)
    return torch.stack(rows)
