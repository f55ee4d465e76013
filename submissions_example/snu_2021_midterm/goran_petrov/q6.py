import torch


def form_one(theta0, grads, alpha, beta):
    theta = psi = psi_old = theta0
    rows = []
    for g in grads:
        new = theta - alpha * g
        theta = new + beta * (psi - psi_old)
        psi_old, psi = psi, new
        rows.append(theta)
    return torch.stack(rows)


def form_two(theta0, grads, alpha, beta):
    theta, m, rows = theta0, torch.zeros_like(theta0), []
    for g in grads:
        m = g + beta * m
        theta = theta - alpha * (g + beta * m)
        rows.append(theta)
    return torch.stack(rows)
