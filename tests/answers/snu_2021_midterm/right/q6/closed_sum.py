"""A sum over all past gradients with powers of beta, as a matrix product."""

import torch


def _rows(theta0, grads, alpha, beta):
    steps = len(grads)
    weight = torch.zeros(steps, steps, dtype=grads.dtype)
    for k in range(steps):
        for i in range(k + 1):
            weight[k, i] = sum(beta**j for j in range(k - i + 2))
    return theta0 - alpha * weight @ grads


def form_one(theta0, grads, alpha, beta):
    return _rows(theta0, grads, alpha, beta)


def form_two(theta0, grads, alpha, beta):
    return _rows(theta0, grads, alpha, beta)
