"""The loop treats the last layer like the others."""

import torch


def jacobians(A, b, x, sigma, dsigma):
    y = sigma(A[0] @ x + b[0])
    J = []
    for k in range(1, len(A)):
        z = A[k] @ y + b[k]
        J.append(torch.diag(dsigma(z)) @ A[k] + torch.eye(len(y), dtype=x.dtype))
        y = sigma(z) + y
    return J
