"""An Adam class of its own on autograd.grad, state in dictionaries."""

import torch


class Adam:
    def __init__(self, lr, betas=(0.9, 0.999), eps=1e-8):
        self.lr, self.betas, self.eps = lr, betas, eps
        self.t = 0
        self.state = {}

    def update(self, name, value, g):
        m, v = self.state.get(name, (torch.zeros_like(g), torch.zeros_like(g)))
        m = torch.lerp(m, g, 1 - self.betas[0])
        v = self.betas[1] * v + (1 - self.betas[1]) * g.square()
        self.state[name] = (m, v)
        step = self.lr / (1 - self.betas[0] ** self.t)
        denominator = v.sqrt() / (1 - self.betas[1] ** self.t) ** 0.5 + self.eps
        return value - step * m / denominator


def train(a, b, u, X, Y, lr, steps):
    adam = Adam(lr)
    theta = {"a": a, "b": b, "u": u}
    for _ in range(steps):
        adam.t += 1
        live = {k: v.detach().requires_grad_() for k, v in theta.items()}
        prediction = torch.einsum("j,ij->i", live["u"], torch.tanh(torch.outer(X, live["a"]) + live["b"]))
        gradients = torch.autograd.grad(torch.mean((prediction - Y) ** 2), list(live.values()))
        for (name, value), g in zip(theta.items(), gradients, strict=True):
            theta[name] = adam.update(name, value, g)
    return [theta["a"], theta["b"], theta["u"]]
