"""Plain gradient descent."""

import torch


def form_one(theta0, grads, alpha, beta):
    return theta0 - alpha * torch.cumsum(grads, dim=0)


def form_two(theta0, grads, alpha, beta):
    return theta0 - alpha * torch.cumsum(grads, dim=0)
