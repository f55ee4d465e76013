"""numpy, psi and theta kept in tables."""

import numpy as np


def form_one(theta0, grads, alpha, beta):
    g = grads.numpy()
    K, n = g.shape
    theta, psi = np.zeros((K + 1, n)), np.zeros((K + 1, n))
    theta[0] = psi[0] = theta0.numpy()
    for k in range(K):
        psi[k + 1] = theta[k] - alpha * g[k]
        theta[k + 1] = psi[k + 1] + beta * (psi[k + 1] - psi[k])
    return theta[1:]


def form_two(theta0, grads, alpha, beta):
    g = grads.numpy()
    K, n = g.shape
    m, v = np.zeros(n), np.zeros((K, n))
    for k in range(K):
        m = g[k] + beta * m
        v[k] = beta * m + g[k]
    return theta0.numpy() - alpha * np.cumsum(v, axis=0)
