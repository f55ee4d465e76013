"""The first step has no momentum in either form."""

import torch


def form_one(theta0, grads, alpha, beta):
    theta = psi = theta0 - alpha * grads[0]
    rows = [theta]
    for g in grads[1:]:
        new = theta - alpha * g
        theta, psi = new + beta * (new - psi), new
        rows.append(theta)
    return torch.stack(rows)


def form_two(theta0, grads, alpha, beta):
    theta, m, rows = theta0 - alpha * grads[0], torch.zeros_like(theta0), []
    rows.append(theta)
    for g in grads[1:]:
        m = g + beta * m
        theta = theta - alpha * (beta * m + g)
        rows.append(theta)
    return torch.stack(rows)
