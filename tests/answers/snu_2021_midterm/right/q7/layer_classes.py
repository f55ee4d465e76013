"""Small layer classes with forward and backward methods of their own."""

import torch


class Residual:
    def __init__(self, W, c, sigma, dsigma, skip):
        self.W, self.c, self.sigma, self.dsigma, self.skip = W, c, sigma, dsigma, skip

    def forward(self, y):
        self.y = y
        self.z = torch.mv(self.W, y) + self.c
        return self.sigma(self.z) + (y if self.skip else 0)

    def jacobian(self):
        return self.dsigma(self.z).unsqueeze(1) * self.W + torch.eye(len(self.z)).to(self.W)

    def backward(self, grad):
        self.dc = grad * self.dsigma(self.z)
        self.dW = torch.ger(self.dc, self.y)
        return self.W.t().mv(self.dc) + (grad if self.skip else 0)


def build(A, b, x, sigma, dsigma):
    layers = []
    y = x
    for i in range(len(A) - 1):
        layers.append(Residual(A[i], b[i], sigma, dsigma, skip=i > 0))
        y = layers[-1].forward(y)
    return layers, y


def jacobians(A, b, x, sigma, dsigma):
    layers, _ = build(A, b, x, sigma, dsigma)
    return [layer.jacobian() for layer in layers[1:]] + [A[-1].clone()]


def gradients(A, b, x, sigma, dsigma):
    layers, y = build(A, b, x, sigma, dsigma)
    grad = A[-1].squeeze(0)
    for layer in layers[::-1]:
        grad = layer.backward(grad)
    dA = [layer.dW for layer in layers] + [y.unsqueeze(0)]
    db = [layer.dc for layer in layers] + [torch.ones_like(b[-1])]
    return dA, db
