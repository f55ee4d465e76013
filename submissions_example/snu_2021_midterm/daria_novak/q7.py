import torch


def jacobians(A, b, x, sigma, dsigma):
    y = sigma(A[0] @ x + b[0])
    result = []
    for l in range(1, len(A) - 1):
        pre = A[l] @ y + b[l]
        result.append(torch.diag(dsigma(pre)) @ A[l] + torch.eye(len(pre), dtype=x.dtype))
        y = sigma(pre) + y
    result.append(A[-1])
    return result


def gradients(A, b, x, sigma, dsigma):
    # forward, remember the outputs of all layers
    ys = [x]
    for l in range(len(A) - 1):
        act = sigma(A[l] @ ys[l] + b[l])
        ys.append(act if l == 0 else act + ys[l])

    # backward
    dA = [None] * len(A)
    db = [None] * len(A)
    dA[-1] = ys[-1][None, :]
    db[-1] = torch.ones_like(b[-1])
    upstream = A[-1][0]
    for l in range(len(A) - 2, -1, -1):
        delta = upstream * dsigma(ys[l + 1])
        dA[l] = torch.outer(delta, ys[l])
        db[l] = delta
        if l > 0:
            upstream = upstream + delta @ A[l]
    return dA, db
