"""Jacobians from layer 1 on, one too many; the gradients stop at layer L - 1."""

import torch


def states(A, b, x, sigma):
    z = [A[0] @ x + b[0]]
    y = [x, sigma(z[0])]
    for k in range(1, len(A) - 1):
        z.append(A[k] @ y[k] + b[k])
        y.append(sigma(z[k]) + y[k])
    return z, y


def jacobians(A, b, x, sigma, dsigma):
    z, _ = states(A, b, x, sigma)
    eye = torch.eye(len(z[0]), dtype=x.dtype)
    first = torch.diag(dsigma(z[0])) @ A[0]
    return [first] + [torch.diag(dsigma(z[k])) @ A[k] + eye for k in range(1, len(A) - 1)] + [A[-1]]


def gradients(A, b, x, sigma, dsigma):
    z, y = states(A, b, x, sigma)
    dA, db = [], []
    g = A[-1][0]
    for k in range(len(A) - 2, -1, -1):
        d = g * dsigma(z[k])
        dA.insert(0, torch.outer(d, y[k]))
        db.insert(0, d)
        g = A[k].T @ d + g if k else g
    return dA, db
