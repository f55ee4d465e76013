"""The slope of the activation is taken at the activation's own output."""

import torch


def gradients(A, b, x, sigma, dsigma):
    s = [sigma(A[0] @ x + b[0])]
    y = [x, s[0]]
    for k in range(1, len(A) - 1):
        s.append(sigma(A[k] @ y[k] + b[k]))
        y.append(s[k] + y[k])
    dA, db = [y[-1][None]], [torch.ones(1, dtype=x.dtype)]
    g = A[-1][0]
    for k in range(len(A) - 2, -1, -1):
        d = dsigma(s[k]) * g
        dA.insert(0, torch.outer(d, y[k]))
        db.insert(0, d)
        g = g + d @ A[k] if k else g
    return dA, db
