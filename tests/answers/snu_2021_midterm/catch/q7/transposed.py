"""Every Jacobian with rows and columns changed over."""

import torch


def jacobians(A, b, x, sigma, dsigma):
    y = sigma(A[0] @ x + b[0])
    out = []
    for k in range(1, len(A) - 1):
        z = A[k] @ y + b[k]
        out.append(A[k].T @ torch.diag(dsigma(z)) + torch.eye(len(z), dtype=x.dtype))
        y = sigma(z) + y
    return [*out, A[-1].T]
