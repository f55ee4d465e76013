import numpy as np


def form_one(theta0, grads, alpha, beta):
    g = grads.numpy()
    psi = [theta0.numpy()]
    theta = [theta0.numpy()]
    for k in range(len(g)):
        psi.append(theta[k] - alpha * g[k])
        theta.append(psi[k + 1] + beta * (psi[k + 1] - psi[k]))
    return np.array(theta[1:])


def form_two(theta0, grads, alpha, beta):
    g = grads.numpy()
    m = [np.zeros(len(theta0))]
    theta = [theta0.numpy()]
    for k in range(len(g)):
        m.append(g[k] + beta * m[k])
        v = beta * m[k + 1] + g[k]
        theta.append(theta[k] - alpha * v)
    return np.array(theta[1:])
