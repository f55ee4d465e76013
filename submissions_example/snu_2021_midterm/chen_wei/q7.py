import torch


def pre_and_post(A, b, x, sigma):
    z = [A[0] @ x + b[0]]
    y = [x, sigma(z[0])]
    for W, c in zip(A[1:-1], b[1:-1]):
        z.append(W @ y[-1] + c)
        y.append(sigma(z[-1]) + y[-1])
    return z, y


def jacobians(A, b, x, sigma, dsigma):
    z, y = pre_and_post(A, b, x, sigma)
    J = [dsigma(z[l])[:, None] * A[l] for l in range(1, len(A) - 1)]
    J.append(A[-1])
    # residual connection: + identity
    return [M + torch.eye(*M.shape, dtype=M.dtype) for M in J]


def gradients(A, b, x, sigma, dsigma):
    z, y = pre_and_post(A, b, x, sigma)
    dA = [y[-1].unsqueeze(0)]
    db = [torch.ones(1, dtype=x.dtype)]
    g = A[-1].squeeze(0)
    for l in reversed(range(len(z))):
        d = dsigma(z[l]) * g
        dA = [d.unsqueeze(1) @ y[l].unsqueeze(0)] + dA
        db = [d] + db
        g = g + A[l].T @ d if l > 0 else None
    return dA, db
