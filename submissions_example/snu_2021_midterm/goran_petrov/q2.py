import torch
from torch.optim import Adam


def model(theta, X):
    a, b, u = theta.view(3, -1)
    return torch.tanh(X[:, None] * a + b).mv(u)


def train(a, b, u, X, Y, lr, steps):
    theta = torch.cat([a, b, u]).detach().requires_grad_()
    opt = Adam([theta], lr=lr)

    def closure():
        opt.zero_grad()
        loss = (model(theta, X) - Y).square().mean()
        loss.backward()
        return loss

    for _ in range(steps):
        opt.step(closure)
    return tuple(theta.detach().view(3, -1))
