"""Nesterov twice, plain lists of floats."""


def form_one(theta0, grads, alpha, beta):
    theta = [float(t) for t in theta0]
    psi = list(theta)
    rows = []
    for g in grads.tolist():
        new_psi = [t - alpha * gi for t, gi in zip(theta, g)]
        theta = [q + beta * (q - p) for q, p in zip(new_psi, psi)]
        psi = new_psi
        rows.append(theta)
    return rows


def form_two(theta0, grads, alpha, beta):
    theta = [float(t) for t in theta0]
    m = [0.0] * len(theta)
    rows = []
    for g in grads.tolist():
        m = [gi + beta * mi for gi, mi in zip(g, m)]
        v = [beta * mi + gi for gi, mi in zip(g, m)]
        theta = [t - alpha * vi for t, vi in zip(theta, v)]
        rows.append(theta)
    return rows
