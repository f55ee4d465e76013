"""einsum in float32; a pair of tuples comes back."""

import torch


def run(A, b, x, sigma):
    ys = [x]
    zs = []
    for k, (W, c) in enumerate(zip(A[:-1], b[:-1], strict=True)):
        zs.append(torch.einsum("ij,j->i", W, ys[-1]) + c)
        ys.append(sigma(zs[-1]) + (ys[-1] if k else 0.0))
    return zs, ys


def short(A, b, x):
    return [W.float() for W in A], [c.float() for c in b], x.float()


def jacobians(A, b, x, sigma, dsigma):
    A, b, x = short(A, b, x)
    zs, _ = run(A, b, x, sigma)
    J = [torch.einsum("i,ij->ij", dsigma(z), W) for z, W in zip(zs[1:], A[1:-1], strict=True)]
    return (*tuple(j + torch.eye(j.size(0)) for j in J), A[-1])


def gradients(A, b, x, sigma, dsigma):
    A, b, x = short(A, b, x)
    zs, ys = run(A, b, x, sigma)
    up = A[-1][0]
    dA, db = (ys[-1][None],), (torch.ones(1),)
    for k in range(len(zs) - 1, -1, -1):
        d = up * dsigma(zs[k])
        dA, db = (torch.einsum("i,j->ij", d, ys[k]), *dA), (d, *db)
        up = up + torch.einsum("ij,i->j", A[k], d) if k else None
    return dA, db
