"""Activations and their derivatives, handed out with q7.

`sigma` is one of them, `dsigma` its derivative `d_<name>`. Each works entry by entry on a tensor, a
numpy array or a number, and returns the same kind.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import torch

Values: TypeAlias = "torch.Tensor | np.ndarray | float"


def _entrywise(function: Callable[[torch.Tensor], torch.Tensor], z: Values) -> Values:
    if isinstance(z, torch.Tensor):
        return function(z)
    # The product makes float64 of integers and of Python numbers, and leaves a float32 array as it is.
    result = function(torch.as_tensor(np.asarray(z) * 1.0)).numpy()
    return result if isinstance(z, np.ndarray) else float(result)


def identity(z: Values) -> Values:
    return _entrywise(torch.clone, z)


def d_identity(z: Values) -> Values:
    return _entrywise(torch.ones_like, z)


def tanh(z: Values) -> Values:
    return _entrywise(torch.tanh, z)


def d_tanh(z: Values) -> Values:
    return _entrywise(lambda t: 1 - torch.tanh(t) ** 2, z)


def sigmoid(z: Values) -> Values:
    return _entrywise(torch.sigmoid, z)


def d_sigmoid(z: Values) -> Values:
    return _entrywise(lambda t: torch.sigmoid(t) * torch.sigmoid(-t), z)


def softplus(z: Values) -> Values:
    return _entrywise(lambda t: torch.logaddexp(t, torch.zeros_like(t)), z)


def d_softplus(z: Values) -> Values:
    return _entrywise(torch.sigmoid, z)


def sin(z: Values) -> Values:
    return _entrywise(torch.sin, z)


def d_sin(z: Values) -> Values:
    return _entrywise(torch.cos, z)


def relu(z: Values) -> Values:
    return _entrywise(torch.relu, z)


def d_relu(z: Values) -> Values:
    return _entrywise(lambda t: (t > 0).to(t.dtype), z)


def leaky_relu(z: Values) -> Values:
    return _entrywise(lambda t: torch.where(t > 0, t, 0.01 * t), z)


def d_leaky_relu(z: Values) -> Values:
    return _entrywise(lambda t: torch.where(t > 0, torch.ones_like(t), torch.full_like(t, 0.01)), z)
