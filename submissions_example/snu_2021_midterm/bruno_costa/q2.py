"""Adam from scratch, gradients derived on paper."""

import numpy as np

B1, B2, EPS = 0.9, 0.999, 1e-8


def loss_gradient(a, b, u, X, Y):
    p, N = len(a), len(X)
    ga, gb, gu = np.zeros(p), np.zeros(p), np.zeros(p)
    for i in range(N):
        h = np.tanh(a * X[i] + b)
        r = 2 * (np.dot(u, h) - Y[i]) / N
        gu += r * h
        gb += r * u * (1 - h * h)
        ga += r * u * (1 - h * h) * X[i]
    return [ga, gb, gu]


def train(a, b, u, X, Y, lr, steps):
    X, Y = np.asarray(X), np.asarray(Y)
    params = [np.array(a), np.array(b), np.array(u)]
    m = [np.zeros_like(q) for q in params]
    v = [np.zeros_like(q) for q in params]
    for t in range(1, steps + 1):
        g = loss_gradient(*params, X, Y)
        for k in range(3):
            m[k] = B1 * m[k] + (1 - B1) * g[k]
            v[k] = B2 * v[k] + (1 - B2) * g[k] ** 2
            mhat = m[k] / (1 - B1**t)
            vhat = v[k] / (1 - B2**t)
            params[k] = params[k] - lr * mhat / (np.sqrt(vhat) + EPS)
    return params
