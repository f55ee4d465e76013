"""Backprop by hand in numpy. Layers are numbered as on paper, list index = layer - 1."""

import numpy as np


def to_numpy(A, b, x):
    return [np.asarray(M) for M in A], [np.asarray(c) for c in b], np.asarray(x)


def run(A, b, x, sigma):
    y = {0: x}
    z = {}
    L = len(A)
    for l in range(1, L + 1):
        z[l] = A[l - 1] @ y[l - 1] + b[l - 1]
        if l == 1:
            y[l] = sigma(z[l])
        elif l < L:
            y[l] = sigma(z[l]) + y[l - 1]
        else:
            y[l] = z[l]
    return z, y


def jacobians(A, b, x, sigma, dsigma):
    A, b, x = to_numpy(A, b, x)
    z, _ = run(A, b, x, sigma)
    L, m = len(A), len(b[0])
    J = []
    for l in range(2, L):
        M = np.zeros((m, m))
        slope = dsigma(z[l])
        for i in range(m):
            for j in range(m):
                M[i, j] = slope[i] * A[l - 1][i, j] + (1.0 if i == j else 0.0)
        J.append(M)
    J.append(A[L - 1])
    return J


def gradients(A, b, x, sigma, dsigma):
    J = jacobians(A, b, x, sigma, dsigma)
    A, b, x = to_numpy(A, b, x)
    z, y = run(A, b, x, sigma)
    L = len(A)
    dA, db = [y[L - 1][None, :]], [np.ones(1)]
    chain = np.ones((1, 1))
    for l in range(L - 1, 0, -1):
        chain = chain @ J[l - 1]          # J[l-1] is dy_{l+1}/dy_l
        delta = chain[0] * dsigma(z[l])
        dA.insert(0, np.outer(delta, y[l - 1]))
        db.insert(0, delta)
    return dA, db
