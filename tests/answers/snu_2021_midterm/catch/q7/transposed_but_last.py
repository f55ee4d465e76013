"""The square Jacobians with rows and columns changed over."""

import numpy as np


def jacobians(A, b, x, sigma, dsigma):
    y = sigma(A[0] @ x + b[0])
    out = []
    for W, c in zip(A[1:-1], b[1:-1], strict=True):
        z = W @ y + c
        out.append((np.asarray(dsigma(z))[:, None] * np.asarray(W) + np.eye(len(z))).transpose())
        y = y + sigma(z)
    out.append(np.asarray(A[-1]))
    return out
