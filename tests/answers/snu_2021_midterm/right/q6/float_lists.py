"""Python floats in nested lists."""


def form_one(theta0, grads, alpha, beta):
    theta = [float(t) for t in theta0]
    psi = list(theta)
    rows = []
    for g in grads:
        new_psi = [t - alpha * float(gi) for t, gi in zip(theta, g, strict=True)]
        theta = [p + beta * (p - old) for p, old in zip(new_psi, psi, strict=True)]
        psi = new_psi
        rows.append(theta)
    return rows


def form_two(theta0, grads, alpha, beta):
    theta = [float(t) for t in theta0]
    m = [0.0 for _ in theta]
    rows = []
    for g in grads.tolist():
        m = [gi + beta * mi for gi, mi in zip(g, m, strict=True)]
        v = [beta * mi + gi for gi, mi in zip(g, m, strict=True)]
        theta = [t - alpha * vi for t, vi in zip(theta, v, strict=True)]
        rows.append(theta)
    return rows
