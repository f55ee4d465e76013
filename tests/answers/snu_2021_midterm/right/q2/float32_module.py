"""A module in float32, trained with Adam; returns float32."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, a, b, u):
        super().__init__()
        self.a = nn.Parameter(a.float())
        self.b = nn.Parameter(b.float())
        self.u = nn.Parameter(u.float())

    def forward(self, x):
        return torch.tanh(x[:, None] * self.a + self.b) @ self.u


def train(a, b, u, X, Y, lr, steps):
    net = Net(a, b, u)
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(net(X.float()), Y.float()).backward()
        optimizer.step()
    return net.a.detach(), net.b.detach(), net.u.detach()
