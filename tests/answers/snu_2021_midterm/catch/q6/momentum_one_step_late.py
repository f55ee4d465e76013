"""Form I with the difference of the step before; form II is right."""

import numpy as np


def form_one(theta0, grads, alpha, beta):
    theta, g = np.asarray(theta0), np.asarray(grads)
    psi = [theta, theta]
    out = []
    for k in range(len(g)):
        psi.append(theta - alpha * g[k])
        theta = psi[-1] + beta * (psi[-2] - psi[-3])
        out.append(theta)
    return np.array(out)


def form_two(theta0, grads, alpha, beta):
    theta, m, out = np.asarray(theta0), 0.0, []
    for g in np.asarray(grads):
        m = g + beta * m
        theta = theta - alpha * (beta * m + g)
        out.append(theta)
    return np.array(out)
