# Question 2
import numpy as np


class Adam:
    """Adam for one parameter vector."""

    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = 0.0
        self.v = 0.0
        self.t = 0

    def step(self, parameter, gradient):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * gradient
        self.v = self.beta2 * self.v + (1 - self.beta2) * gradient**2
        m_hat = self.m / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - self.beta2**self.t)
        return parameter - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def train(a, b, u, X, Y, lr, steps):
    a, b, u, X, Y = [np.array(array, dtype=np.float64) for array in (a, b, u, X, Y)]
    adam_a, adam_b, adam_u = Adam(lr), Adam(lr), Adam(lr)
    for _ in range(steps):
        hidden = np.tanh(X[:, None] * a[None, :] + b[None, :])        # (N, p)
        error = 2 * (hidden @ u - Y) / len(X)                         # (N,)
        back = error[:, None] * u[None, :] * (1 - hidden**2)          # (N, p)
        grad_a = (back * X[:, None]).sum(axis=0)
        grad_b = back.sum(axis=0)
        grad_u = hidden.T @ error
        a = adam_a.step(a, grad_a)
        b = adam_b.step(b, grad_b)
        u = adam_u.step(u, grad_u)
    return a, b, u
