"""Truth and known slips of q7: the chain rule by hand through an MLP with residual connections.

y_1 = s(A_1 x + b_1), y_l = s(A_l y_{l-1} + b_l) + y_{l-1} for 1 < l < L, y_L = A_L y_{L-1} + b_L.
Shapes: x (n,), A_1 (m, n), A_l (m, m), A_L (1, m), b_l (m,), b_L (1,). Lists start with layer 1.
The skip connections are those of He et al., "Identity mappings in deep residual networks" (2016).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import given
import numpy as np
import torch

Tensor = torch.Tensor
Activation = Callable[[Tensor], Tensor]
Layers = list[Tensor]


def jacobians(A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation) -> Layers:
    """Return dy_l/dy_{l-1} for l = 2 to L: diag(s'(z_l)) A_l + I, each (m, m), and at last A_L, (1, m)."""
    inner = _jacobians_without_identity(A[:-1], _forward(A, b, x, sigma)[0], dsigma)
    return [jacobian + _identity(jacobian) for jacobian in inner] + [A[-1]]


def jacobians_without_identity(
    A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation
) -> Layers:
    """The skip connection is not differentiated."""
    return [*_jacobians_without_identity(A[:-1], _forward(A, b, x, sigma)[0], dsigma), A[-1]]


def jacobians_of_plain_mlp(A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation) -> Layers:
    """The skip connection is left out of the forward pass as well."""
    return [*_jacobians_without_identity(A[:-1], _forward_plain(A, b, x, sigma)[0], dsigma), A[-1]]


def jacobians_transposed(A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation) -> Layers:
    """Every matrix is transposed, the last one too: (m, 1)."""
    return [jacobian.T for jacobian in jacobians(A, b, x, sigma, dsigma)]


def jacobians_transposed_but_last(
    A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation
) -> Layers:
    """The square matrices are transposed, the last one is right."""
    return [*jacobians_transposed(A, b, x, sigma, dsigma)[:-1], A[-1]]


def jacobians_identity_on_last(
    A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation
) -> Layers:
    """A_L + I with an (m, m) identity, which broadcasts to (m, m)."""
    last = A[-1] + torch.eye(A[-1].shape[1], dtype=x.dtype)
    return [*jacobians(A, b, x, sigma, dsigma)[:-1], last]


def jacobians_identity_on_last_row(
    A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation
) -> Layers:
    """A_L + I with a (1, m) identity."""
    return [*jacobians(A, b, x, sigma, dsigma)[:-1], A[-1] + _identity(A[-1])]


def jacobians_last_as_inner(A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation) -> Layers:
    """The last layer runs through the inner layers' formula, with an (m, m) identity."""
    slope = dsigma(_forward(A, b, x, sigma)[0][-1])
    last = slope[:, None] * A[-1] + torch.eye(A[-1].shape[1], dtype=x.dtype)
    return [*jacobians(A, b, x, sigma, dsigma)[:-1], last]


def gradients(
    A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation
) -> tuple[Layers, Layers]:
    """Return (dA, db): dy_L/dA_l and dy_L/db_l for l = 1 to L, lists shaped as A and b."""
    before, after = _forward(A, b, x, sigma)
    return _backward(A, after, [dsigma(z) for z in before], skip=1.0)


def gradients_without_residual(
    A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation
) -> tuple[Layers, Layers]:
    """The gradient runs back through the matrices only, not along the skip connections."""
    before, after = _forward(A, b, x, sigma)
    return _backward(A, after, [dsigma(z) for z in before], skip=0.0)


def gradients_of_plain_mlp(
    A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation
) -> tuple[Layers, Layers]:
    """The skip connections are left out in both directions."""
    before, after = _forward_plain(A, b, x, sigma)
    return _backward(A, after, [dsigma(z) for z in before], skip=0.0)


def gradients_with_slope_at_output(
    A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation
) -> tuple[Layers, Layers]:
    """s' is taken at y_l in place of A_l y_{l-1} + b_l."""
    _, after = _forward(A, b, x, sigma)
    return _backward(A, after, [dsigma(y) for y in after[1:]], skip=1.0)


def gradients_with_slope_at_activation(
    A: Layers, b: Layers, x: Tensor, sigma: Activation, dsigma: Activation
) -> tuple[Layers, Layers]:
    """s' is taken at s(A_l y_{l-1} + b_l), the output before the skip connection is added."""
    before, after = _forward(A, b, x, sigma)
    return _backward(A, after, [dsigma(sigma(z)) for z in before], skip=1.0)


def make_mlp(rng: np.random.Generator, L: int, m: int, n: int, sigma: Activation) -> dict[str, Any]:
    """Return arguments of `gradients`, scaled so that activations stay of order 1 at any depth."""
    rows, columns = [m] * (L - 1) + [1], [n] + [m] * (L - 1)
    A = [rng.normal(size=(r, c)) / np.sqrt(c) for r, c in zip(rows, columns, strict=True)]
    b = [0.5 * rng.normal(size=r) for r in rows]
    dsigma = getattr(given, f"d_{sigma.__name__}")
    return {"A": A, "b": b, "x": rng.normal(size=n), "sigma": sigma, "dsigma": dsigma}


def _forward(A: Layers, b: Layers, x: Tensor, sigma: Activation) -> tuple[Layers, Layers]:
    """Return (z_1 … z_L, y_0 … y_L); z is what stands inside the activation."""
    before, after = [A[0] @ x + b[0]], [x]
    after.append(sigma(before[0]))
    for matrix, shift in zip(A[1:-1], b[1:-1], strict=True):
        before.append(matrix @ after[-1] + shift)
        after.append(sigma(before[-1]) + after[-1])
    before.append(A[-1] @ after[-1] + b[-1])
    return before, [*after, before[-1]]


def _forward_plain(A: Layers, b: Layers, x: Tensor, sigma: Activation) -> tuple[Layers, Layers]:
    """Return the same as `_forward`, for a network without skip connections."""
    before, after = [], [x]
    for matrix, shift in zip(A, b, strict=True):
        before.append(matrix @ after[-1] + shift)
        after.append(sigma(before[-1]))
    return before, [*after[:-1], before[-1]]


def _jacobians_without_identity(A: Layers, before: Layers, dsigma: Activation) -> Layers:
    """Return diag(s'(z_l)) A_l of the layers 2 to L - 1; `A` ends with layer L - 1."""
    return [dsigma(z)[:, None] * matrix for matrix, z in zip(A[1:], before[1 : len(A)], strict=True)]


def _identity(matrix: Tensor) -> Tensor:
    return torch.eye(*matrix.shape, dtype=matrix.dtype)


def _backward(A: Layers, after: Layers, slopes: Layers, *, skip: float) -> tuple[Layers, Layers]:
    """Run the chain rule from y_L down; `skip` is the weight of the skip connections."""
    upstream = A[-1][0]
    dA, db = [after[-2][None, :]], [torch.ones_like(after[-1])]
    for layer in range(len(A) - 2, -1, -1):
        delta = slopes[layer] * upstream
        dA.insert(0, torch.outer(delta, after[layer]))
        db.insert(0, delta)
        upstream = A[layer].T @ delta + (skip * upstream if layer > 0 else 0)
    return dA, db
