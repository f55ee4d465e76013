import torch


def f(theta, x):
    a, b, u = theta
    return torch.tanh(torch.outer(x, a) + b) @ u


def train(a, b, u, X, Y, lr, steps):
    theta = [torch.tensor(t.tolist(), dtype=torch.double, requires_grad=True) for t in (a, b, u)]
    optim = torch.optim.Adam(theta, lr=lr, betas=(0.9, 0.999), eps=1e-8)
    for k in range(steps):
        optim.zero_grad()
        loss = torch.mean((f(theta, X) - Y) ** 2)
        loss.backward()
        optim.step()
    return [t.detach() for t in theta]
