import torch


def train(a, b, u, X, Y, lr, steps):
    params = [t.clone() for t in (a, b, u)]
    ms = [torch.zeros_like(t) for t in params]
    vs = [torch.zeros_like(t) for t in params]
    for _ in range(steps):
        for t in params:
            t.requires_grad_(True)
        out = torch.tanh(X[:, None] * params[0] + params[1]) @ params[2]
        loss = ((out - Y) ** 2).mean()
        grads = torch.autograd.grad(loss, params)
        # Adam
        new = []
        for k, (t, g) in enumerate(zip(params, grads)):
            ms[k] = 0.9 * ms[k] + 0.1 * g
            vs[k] = 0.999 * vs[k] + 0.001 * g**2
            new.append((t - lr * ms[k] / (vs[k].sqrt() + 1e-8)).detach())
        params = new
    return tuple(params)
