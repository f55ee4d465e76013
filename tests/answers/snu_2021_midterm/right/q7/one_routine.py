"""One routine does the work; the functions asked for are made from it with partial and a lambda."""

from functools import partial, reduce

import numpy as np


def _everything(A, b, x, sigma, dsigma, wanted):
    A, b, x = [W.numpy() for W in A], [c.numpy() for c in b], x.numpy()

    def layer(state, weights):
        y, record = state
        z = weights[0].dot(y) + weights[1]
        skip = y if record else np.zeros_like(z)
        return sigma(z) + skip, [*record, (y, dsigma(z))]

    top, record = reduce(layer, zip(A[:-1], b[:-1], strict=True), (x, []))
    J = [
        np.multiply(s[:, None], W) + np.identity(s.size)
        for (_, s), W in zip(record[1:], A[1:-1], strict=True)
    ]
    J.append(A[-1])
    if wanted == "jacobians":
        return J
    rows = [reduce(np.matmul, J[k:][::-1], np.ones((1, 1))) for k in range(len(J))]
    db = [row.ravel() * s for row, (_, s) in zip(rows, record, strict=True)]
    dA = [d.reshape(-1, 1) @ y.reshape(1, -1) for d, (y, _) in zip(db, record, strict=True)]
    return [*dA, top.reshape(1, -1)], [*db, np.array([1.0])]


jacobians = partial(_everything, wanted="jacobians")
gradients = lambda A, b, x, sigma, dsigma: _everything(A, b, x, sigma, dsigma, "gradients")  # noqa: E731
