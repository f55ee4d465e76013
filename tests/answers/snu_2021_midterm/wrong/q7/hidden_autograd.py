"""Right numbers by torch.func and backward, reached by getattr and importlib."""

import importlib


def network(A, b, x, sigma):
    y = sigma(A[0] @ x + b[0])
    for W, c in zip(A[1:-1], b[1:-1], strict=True):
        y = sigma(W @ y + c) + y
    return (A[-1] @ y + b[-1])[0]


def jacobians(A, b, x, sigma, dsigma):
    tool = getattr(importlib.import_module("torch." + "func"), "jac" + "rev")
    y = sigma(A[0] @ x + b[0])
    out = []
    for W, c in zip(A[1:-1], b[1:-1], strict=True):
        out.append(tool(lambda t, W=W, c=c: sigma(W @ t + c) + t)(y))
        y = sigma(W @ y + c) + y
    return [*out, A[-1]]


def gradients(A, b, x, sigma, dsigma):
    for t in (*A, *b):
        setattr(t, "requires_" + "grad", True)
    getattr(network(A, b, x, sigma), "back" + "ward")()
    return [W.grad for W in A], [c.grad for c in b]
