"""A recursive function that goes down the layers and comes back with the gradient."""

import torch


def descend(layer, y, A, b, sigma, dsigma):
    if layer == len(A) - 1:
        return A[layer][0], [y.expand(1, -1)], [y.new_ones(1)]
    z = A[layer].matmul(y) + b[layer]
    up = sigma(z) if layer == 0 else sigma(z).add(y)
    g, dA, db = descend(layer + 1, up, A, b, sigma, dsigma)
    delta = g * dsigma(z)
    below = delta @ A[layer]
    if layer > 0:
        below = below + g
    return below, [delta[:, None] @ y[None, :], *dA], [delta, *db]


def gradients(A, b, x, sigma, dsigma):
    _, dA, db = descend(0, x, A, b, sigma, dsigma)
    return dA, db


def jacobians(A, b, x, sigma, dsigma):
    J = []
    y = sigma(A[0].matmul(x) + b[0])
    for W, c in list(zip(A, b, strict=True))[1:-1]:
        z = W.matmul(y) + c
        j = W * dsigma(z).view(-1, 1)
        j = j + torch.diag(torch.ones(len(z), dtype=x.dtype))
        J.append(j)
        y = y + sigma(z)
    J.append(A[len(A) - 1])
    return J
