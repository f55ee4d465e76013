"""1 is added to the first entry of the last matrix: an identity of shape (1, m)."""

import torch


def jacobians(A, b, x, sigma, dsigma):
    y = sigma(A[0] @ x + b[0])
    J = []
    for k in range(1, len(A)):
        z = A[k] @ y + b[k]
        j = A[k] if k == len(A) - 1 else dsigma(z)[:, None] * A[k]
        J.append(j + torch.eye(j.shape[0], j.shape[1], dtype=x.dtype))
        y = sigma(z) + y
    return J
