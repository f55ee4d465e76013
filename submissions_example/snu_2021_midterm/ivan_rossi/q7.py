import torch


class Layer:
    """One layer; remembers what the backward pass needs."""

    def __init__(self, A, b, sigma, dsigma, skip):
        self.A, self.b, self.sigma, self.dsigma, self.skip = A, b, sigma, dsigma, skip

    def forward(self, y):
        self.input = y
        z = self.A @ y + self.b
        self.slope = self.dsigma(z)
        return self.sigma(z) + y if self.skip else self.sigma(z)

    def jacobian(self):
        J = self.slope.unsqueeze(1) * self.A
        return J + torch.eye(len(J), dtype=J.dtype) if self.skip else J


def build(A, b, x, sigma, dsigma):
    layers = [Layer(A[l], b[l], sigma, dsigma, skip=l > 0) for l in range(len(A) - 1)]
    layers.append(Layer(A[-1], b[-1], lambda z: z, torch.ones_like, skip=False))
    y = x
    for layer in layers:
        y = layer.forward(y)
    return layers


def jacobians(A, b, x, sigma, dsigma):
    return [layer.jacobian() for layer in build(A, b, x, sigma, dsigma)[1:]]


def gradients(A, b, x, sigma, dsigma):
    dA, db = [], []
    g = torch.ones(1, dtype=x.dtype)
    for layer in reversed(build(A, b, x, sigma, dsigma)):
        delta = g * layer.slope
        dA.append(torch.outer(delta, layer.input))
        db.append(delta)
        g = g @ layer.jacobian()
    dA.reverse()
    db.reverse()
    return dA, db
