import torch


def form_one(theta0, grads, alpha, beta):
    theta = theta0
    psi = theta0
    trajectory = []
    for g in grads:
        psi_next = theta - alpha * g
        theta = psi_next + beta * (psi_next - psi)
        psi = psi_next
        trajectory.append(theta)
    return torch.stack(trajectory)


def form_two(theta0, grads, alpha, beta):
    theta = theta0
    m = torch.zeros_like(theta0)
    trajectory = []
    for g in grads:
        m = g + beta * m
        v = beta * m + g
        theta = theta - alpha * v
        trajectory.append(theta)
    return torch.stack(trajectory)
