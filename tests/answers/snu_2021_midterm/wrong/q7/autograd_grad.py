"""Right numbers by torch.autograd, which is not allowed."""

import torch
from torch.autograd.functional import jacobian as jac


def network(A, b, x, sigma):
    y = sigma(A[0] @ x + b[0])
    for W, c in zip(A[1:-1], b[1:-1], strict=True):
        y = sigma(W @ y + c) + y
    return (A[-1] @ y + b[-1])[0]


def jacobians(A, b, x, sigma, dsigma):
    y = sigma(A[0] @ x + b[0])
    out = []
    for W, c in zip(A[1:-1], b[1:-1], strict=True):
        out.append(jac(lambda t, W=W, c=c: sigma(W @ t + c) + t, y))
        y = sigma(W @ y + c) + y
    return [*out, A[-1]]


def gradients(A, b, x, sigma, dsigma):
    A = [W.clone().requires_grad_() for W in A]
    b = [c.clone().requires_grad_() for c in b]
    grads = torch.autograd.grad(network(A, b, x, sigma), A + b)
    return list(grads[: len(A)]), list(grads[len(A) :])
