"""Python floats and nested lists; sigma is called number by number."""


def lists(A, b, x):
    return [W.tolist() for W in A], [c.tolist() for c in b], x.tolist()


def affine(W, c, y):
    return [sum(w * v for w, v in zip(row, y, strict=True)) + s for row, s in zip(W, c, strict=True)]


def propagate(A, b, x, sigma):
    z, y = [], [x]
    for k in range(len(A) - 1):
        z.append(affine(A[k], b[k], y[k]))
        new = [sigma(v) for v in z[k]]
        if k > 0:
            new = [v + w for v, w in zip(new, y[k], strict=True)]
        y.append(new)
    return z, y


def jacobians(A, b, x, sigma, dsigma):
    A, b, x = lists(A, b, x)
    z, _ = propagate(A, b, x, sigma)
    result = []
    for k in range(1, len(A) - 1):
        slopes = [dsigma(v) for v in z[k]]
        size = range(len(slopes))
        result.append([[slopes[i] * A[k][i][j] + (1.0 if i == j else 0.0) for j in size] for i in size])
    return [*result, A[-1]]


def gradients(A, b, x, sigma, dsigma):
    A, b, x = lists(A, b, x)
    z, y = propagate(A, b, x, sigma)
    dA, db = [[y[-1]]], [[1.0]]
    up = A[-1][0]
    for k in range(len(A) - 2, -1, -1):
        delta = [g * dsigma(v) for g, v in zip(up, z[k], strict=True)]
        db = [delta, *db]
        dA = [[[d * v for v in y[k]] for d in delta], *dA]
        if k > 0:
            up = [g + sum(delta[i] * A[k][i][j] for i in range(len(delta))) for j, g in enumerate(up)]
    return dA, db
