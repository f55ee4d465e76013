"""The slope of the activation is taken at the layer's output."""

import torch


def gradients(A, b, x, sigma, dsigma):
    y = [x, sigma(A[0] @ x + b[0])]
    for k in range(1, len(A) - 1):
        y.append(sigma(A[k] @ y[k] + b[k]) + y[k])
    L = len(A)
    db = [torch.ones(1, dtype=x.dtype)]
    dA = [y[L - 1][None]]
    g = A[L - 1].flatten()
    for k in range(L - 2, -1, -1):
        d = dsigma(y[k + 1]) * g
        dA.append(d[:, None] * y[k])
        db.append(d)
        if k > 0:
            g = g + A[k].T @ d
    return dA[::-1], db[::-1]
