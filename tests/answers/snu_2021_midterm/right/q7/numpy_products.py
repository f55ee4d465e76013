"""numpy; the gradients by multiplying the Jacobians from the top."""

import numpy as np


def states(A, b, x, sigma):
    z = [A[0] @ x + b[0]]
    y = [x, sigma(z[0])]
    for W, c in zip(A[1:-1], b[1:-1], strict=True):
        z.append(W @ y[-1] + c)
        y.append(y[-1] + sigma(z[-1]))
    return z, y


def to_numpy(A, b, x):
    return [np.asarray(W) for W in A], [np.asarray(c) for c in b], np.asarray(x)


def jacobians(A, b, x, sigma, dsigma):
    A, b, x = to_numpy(A, b, x)
    z, _ = states(A, b, x, sigma)
    inner = [np.diag(dsigma(z[k])) @ A[k] + np.eye(len(z[k])) for k in range(1, len(A) - 1)]
    return [*inner, A[-1]]


def gradients(A, b, x, sigma, dsigma):
    J = [np.asarray(j) for j in jacobians(A, b, x, sigma, dsigma)]
    A, b, x = to_numpy(A, b, x)
    z, y = states(A, b, x, sigma)
    dA, db = [y[-1][None]], [np.ones(1)]
    row = np.eye(1)
    for k in reversed(range(len(A) - 1)):
        row = row @ J[k]
        delta = (row * dsigma(z[k]))[0]
        db.insert(0, delta)
        dA.insert(0, np.outer(delta, y[k]))
    return dA, db
