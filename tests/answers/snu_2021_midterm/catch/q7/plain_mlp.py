"""The network is taken to be an ordinary MLP."""

import numpy as np


def forward(A, b, x, sigma):
    z, y = [], [x.numpy()]
    for W, c in zip(A[:-1], b[:-1], strict=True):
        z.append(W.numpy() @ y[-1] + c.numpy())
        y.append(sigma(z[-1]))
    return z, y


def jacobians(A, b, x, sigma, dsigma):
    z, _ = forward(A, b, x, sigma)
    return [np.diag(dsigma(z[k])) @ A[k].numpy() for k in range(1, len(A) - 1)] + [A[-1]]


def gradients(A, b, x, sigma, dsigma):
    z, y = forward(A, b, x, sigma)
    dA, db = [y[-1][None, :]], [np.ones(1)]
    g = A[-1].numpy()[0]
    for k in range(len(A) - 2, -1, -1):
        d = g * dsigma(z[k])
        dA, db = [np.outer(d, y[k]), *dA], [d, *db]
        g = d @ A[k].numpy()
    return dA, db
