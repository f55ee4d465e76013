"""Plain momentum in both forms."""

import torch


def form_one(theta0, grads, alpha, beta):
    old, theta, rows = theta0, theta0, []
    for g in grads:
        old, theta = theta, theta - alpha * g + beta * (theta - old)
        rows.append(theta)
    return torch.stack(rows)


def form_two(theta0, grads, alpha, beta):
    p = theta0.clone().requires_grad_()
    opt = torch.optim.SGD([p], lr=alpha, momentum=beta)
    rows = []
    for g in grads:
        p.grad = g.clone()
        opt.step()
        rows.append(p.detach().clone())
    return torch.stack(rows)
