import torch


def forward(A, b, x, sigma):
    ys, zs = [x], []
    for l in range(len(A) - 1):
        z = A[l] @ ys[l] + b[l]
        zs.append(z)
        if l == 0:
            ys.append(sigma(z))
        else:
            ys.append(sigma(z) + ys[l])
    return ys, zs


def jacobians(A, b, x, sigma, dsigma):
    ys, zs = forward(A, b, x, sigma)
    Js = []
    l = 1
    while l < len(A) - 1:
        J = torch.zeros_like(A[l])
        for i in range(len(J)):
            J[i] = dsigma(zs[l])[i] * A[l][i]
            J[i, i] += 1
        Js.append(J)
        l += 1
    Js.append(A[-1])
    return Js


def gradients(A, b, x, sigma, dsigma):
    ys, zs = forward(A, b, x, sigma)
    Js = jacobians(A, b, x, sigma, dsigma)
    dA = [None] * len(A)
    db = [None] * len(A)
    dA[-1] = ys[-1].view(1, -1)
    db[-1] = torch.ones(1, dtype=x.dtype)
    up = Js[-1].view(-1)
    l = len(A) - 2
    while l >= 0:
        db[l] = up * dsigma(zs[l])
        dA[l] = db[l].view(-1, 1) * ys[l].view(1, -1)
        if l > 0:
            up = Js[l - 1].T @ up
    return dA, db
