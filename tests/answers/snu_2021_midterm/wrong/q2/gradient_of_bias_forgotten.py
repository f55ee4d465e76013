"""b is never trained."""

import torch


def train(a, b, u, X, Y, lr, steps):
    a, u = a.clone().requires_grad_(), u.clone().requires_grad_()
    opt = torch.optim.Adam([a, u], lr=lr)
    for _ in range(steps):
        opt.zero_grad()
        ((torch.tanh(X[:, None] * a + b) @ u - Y) ** 2).mean().backward()
        opt.step()
    return a.detach(), b, u.detach()
