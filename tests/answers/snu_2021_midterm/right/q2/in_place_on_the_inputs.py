"""The tensors that come in are made leaves and changed in place."""

import torch


def train(a, b, u, X, Y, lr, steps):
    for p in (a, b, u):
        p.requires_grad_(True)
    opt = torch.optim.Adam([{"params": [a]}, {"params": [b, u]}], lr=lr, betas=(0.9, 0.999))
    for _ in range(steps):
        opt.zero_grad()
        (torch.nn.MSELoss()((u * torch.tanh(a * X.view(-1, 1) + b)).sum(1), Y)).backward()
        opt.step()
    return a, b, u
