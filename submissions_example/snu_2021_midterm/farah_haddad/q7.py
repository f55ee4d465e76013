# Question 7
import numpy as np


def forward(A, b, x, sigma):
    """Returns the pre-activations and the outputs of the hidden layers."""
    pre, out = [], [np.asarray(x)]
    for layer, (matrix, bias) in enumerate(zip(A[:-1], b[:-1])):
        pre.append(np.asarray(matrix) @ out[-1] + np.asarray(bias))
        skip = out[-1] if layer > 0 else 0
        out.append(sigma(pre[-1]) + skip)
    return pre, out


def jacobians(A, b, x, sigma, dsigma):
    pre, _ = forward(A, b, x, sigma)
    hidden = [np.diag(dsigma(z)) @ np.asarray(matrix) for z, matrix in zip(pre[1:], A[1:-1])]
    return hidden + [np.asarray(A[-1])]


def gradients(A, b, x, sigma, dsigma):
    pre, out = forward(A, b, x, sigma)
    steps = jacobians(A, b, x, sigma, dsigma)
    dA, db = [out[-1].reshape(1, -1)], [np.array([1.0])]
    row = steps.pop()                      # dy_L / dy_{L-1}
    for layer in range(len(A) - 2, -1, -1):
        delta = row.ravel() * dsigma(pre[layer])
        dA.append(np.outer(delta, out[layer]))
        db.append(delta)
        if steps:
            row = row @ steps.pop()
    return dA[::-1], db[::-1]
