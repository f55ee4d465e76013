import torch


def jacobians(A, b, x, sigma, dsigma):
    y = sigma(A[0].mv(x) + b[0])
    out = []
    for M, c in zip(A[1:-1], b[1:-1]):
        z = M.mv(y) + c
        # A^T diag(s') + I
        out.append(M.T * dsigma(z) + torch.eye(len(c), dtype=x.dtype))
        y = y + sigma(z)
    out.append(A[-1])
    return out


def gradients(A, b, x, sigma, dsigma):
    A = [M.clone().requires_grad_() for M in A]
    b = [c.clone().requires_grad_() for c in b]
    y = sigma(A[0].mv(x) + b[0])
    for M, c in zip(A[1:-1], b[1:-1]):
        y = y + sigma(M.mv(y) + c)
    (A[-1].mv(y) + b[-1]).sum().backward()
    return [M.grad for M in A], [c.grad for c in b]
