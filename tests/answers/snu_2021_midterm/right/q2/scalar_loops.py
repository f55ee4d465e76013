"""Plain Python floats, neuron by neuron."""

import math


def train(a, b, u, X, Y, lr, steps):
    theta = [[float(z) for z in part] for part in (a, b, u)]
    xs, ys = [float(z) for z in X], [float(z) for z in Y]
    p, n = len(theta[0]), len(xs)
    m = [[0.0] * p for _ in range(3)]
    v = [[0.0] * p for _ in range(3)]
    for t in range(1, steps + 1):
        g = [[0.0] * p for _ in range(3)]
        for x, y in zip(xs, ys, strict=True):
            hidden = [math.tanh(theta[0][j] * x + theta[1][j]) for j in range(p)]
            error = sum(theta[2][j] * hidden[j] for j in range(p)) - y
            for j in range(p):
                back = 2 * error * theta[2][j] * (1 - hidden[j] ** 2) / n
                g[0][j] += back * x
                g[1][j] += back
                g[2][j] += 2 * error * hidden[j] / n
        for i in range(3):
            for j in range(p):
                m[i][j] = 0.9 * m[i][j] + (1 - 0.9) * g[i][j]
                v[i][j] = 0.999 * v[i][j] + (1 - 0.999) * g[i][j] ** 2
                m_hat = m[i][j] / (1 - 0.9**t)
                v_hat = v[i][j] / (1 - 0.999**t)
                theta[i][j] -= lr * m_hat / (math.sqrt(v_hat) + 1e-8)
    return theta[0], theta[1], theta[2]
