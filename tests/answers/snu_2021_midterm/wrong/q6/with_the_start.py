"""theta^0 is returned as a first row: K + 1 rows."""

import torch


def form_one(theta0, grads, alpha, beta):
    theta, psi, rows = theta0, theta0, [theta0]
    for g in grads:
        new = theta - alpha * g
        theta, psi = new + beta * (new - psi), new
        rows.append(theta)
    return torch.stack(rows)


def form_two(theta0, grads, alpha, beta):
    return form_one(theta0, grads, alpha, beta)
