import torch


def forward(A, b, x, sigma):
    """zs[l] is the pre-activation of layer l+1, ys[l] its input."""
    zs, ys = [], [x]
    L = len(A)
    for l in range(L - 1):
        z = A[l] @ ys[-1] + b[l]
        y = sigma(z)
        if l > 0:  # the first layer has no skip connection (n != m)
            y = y + ys[-1]
        zs.append(z)
        ys.append(y)
    return zs, ys


def jacobians(A, b, x, sigma, dsigma):
    zs, _ = forward(A, b, x, sigma)
    out = []
    for l in range(1, len(A) - 1):
        I = torch.eye(A[l].shape[0], dtype=A[l].dtype)
        out.append(torch.diag(dsigma(zs[l])) @ A[l] + I)
    out.append(A[-1])
    return out


def gradients(A, b, x, sigma, dsigma):
    zs, ys = forward(A, b, x, sigma)
    J = jacobians(A, b, x, sigma, dsigma)
    L = len(A)
    dA, db = [None] * L, [None] * L
    dA[L - 1] = ys[L - 1].reshape(1, -1)
    db[L - 1] = torch.ones(1, dtype=x.dtype)
    row = J[-1]  # d y_L / d y_l as a 1 x m row
    for l in range(L - 2, -1, -1):
        delta = row[0] * dsigma(zs[l])
        dA[l] = torch.outer(delta, ys[l])
        db[l] = delta
        if l > 0:
            row = row @ J[l - 1]
    return dA, db
