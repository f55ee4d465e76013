"""Both forms in float32."""

import torch


def form_one(theta0, grads, alpha, beta):
    theta = theta0.float()
    psi = theta
    out = torch.empty(grads.shape, dtype=torch.float32)
    for k, g in enumerate(grads.float()):
        psi, last = theta - alpha * g, psi
        theta = out[k] = (1 + beta) * psi - beta * last
    return out


def form_two(theta0, grads, alpha, beta):
    theta, m = theta0.float(), torch.zeros_like(theta0).float()
    out = torch.empty(grads.shape, dtype=torch.float32)
    for k, g in enumerate(grads.float()):
        m = beta * m + g
        theta = theta - alpha * (g + beta * m)
        out[k] = theta
    return out
