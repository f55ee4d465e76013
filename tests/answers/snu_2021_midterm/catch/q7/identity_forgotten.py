"""Jacobians and gradients of the activation path only."""

import torch


def forward(A, b, x, sigma):
    z, y = [], [x]
    for k in range(len(A) - 1):
        z.append(A[k] @ y[k] + b[k])
        y.append(sigma(z[k]) + y[k] if k > 0 else sigma(z[k]))
    return z, y


def jacobians(A, b, x, sigma, dsigma):
    z, _ = forward(A, b, x, sigma)
    return [torch.diag(dsigma(z[k])) @ A[k] for k in range(1, len(A) - 1)] + [A[-1]]


def gradients(A, b, x, sigma, dsigma):
    z, y = forward(A, b, x, sigma)
    dA, db = [y[-1].reshape(1, -1)], [torch.ones(1, dtype=x.dtype)]
    g = A[-1][0]
    for k in range(len(A) - 2, -1, -1):
        d = g * dsigma(z[k])
        dA = [torch.outer(d, y[k]), *dA]
        db = [d, *db]
        g = A[k].T @ d
    return dA, db
