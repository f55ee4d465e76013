"""Forward lists, then one loop backwards."""

import torch


def forward(A, b, x, sigma):
    L = len(A)
    y, z = [x], []
    for i in range(L):
        z.append(A[i] @ y[i] + b[i])
        if i == 0:
            y.append(sigma(z[i]))
        elif i < L - 1:
            y.append(sigma(z[i]) + y[i])
        else:
            y.append(z[i])
    return y, z


def jacobians(A, b, x, sigma, dsigma):
    _, z = forward(A, b, x, sigma)
    m = A[0].shape[0]
    J = []
    for i in range(1, len(A) - 1):
        J.append(torch.diag(dsigma(z[i])) @ A[i] + torch.eye(m, dtype=x.dtype))
    J.append(A[-1])
    return J


def gradients(A, b, x, sigma, dsigma):
    y, z = forward(A, b, x, sigma)
    L = len(A)
    dA, db = [None] * L, [None] * L
    dA[L - 1] = y[L - 1].reshape(1, -1)
    db[L - 1] = torch.ones(1, dtype=x.dtype)
    g = A[L - 1].reshape(-1)
    for i in range(L - 2, -1, -1):
        db[i] = g * dsigma(z[i])
        dA[i] = db[i].reshape(-1, 1) * y[i].reshape(1, -1)
        if i > 0:
            g = A[i].T @ db[i] + g
    return dA, db
