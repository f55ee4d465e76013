"""Truth and known slips of q5: 32 branches of 1x1, 3x3, 1x1 convolutions, each with a ReLU, summed.

The block of aggregated transformations of ResNeXt (Xie et al., 2017, figure 3a) without its shortcut.
A layer is a function of its input x (N, 256, H, W) and of stacked weights, axes branch, out, in, kernel:
w1 (32, 4, 256), b1 (32, 4), w2 (32, 4, 4, 3, 3), b2 (32, 4), w3 (32, 256, 4), b3 (32, 256).
"""

from __future__ import annotations

import torch
from torch.nn.functional import conv2d, relu

BRANCHES, WIDE, NARROW = 32, 256, 4


def _conv_parameters(channels_in: int, channels_out: int, kernel: int) -> int:
    return channels_in * channels_out * kernel**2 + channels_out


n_params_plain = _conv_parameters(256, 128, 1) + _conv_parameters(128, 128, 3) + _conv_parameters(128, 256, 1)
n_params_stm = BRANCHES * (
    _conv_parameters(WIDE, NARROW, 1)
    + _conv_parameters(NARROW, NARROW, 3)
    + _conv_parameters(NARROW, WIDE, 1)
)

Tensor = torch.Tensor


def stm_conv(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor) -> Tensor:
    """Return the layer's output (N, 256, H, W): a ReLU after every convolution, nothing after the sum."""
    return relu(_third(_narrow(x, w1, b1, w2, b2), w3, b3)).sum(1)


def relu_after_sum(
    x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor
) -> Tensor:
    """The last ReLU is moved behind the sum."""
    return relu(_third(_narrow(x, w1, b1, w2, b2), w3, b3).sum(1))


def no_relu_after_third(
    x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor
) -> Tensor:
    """The last ReLU is missing."""
    return _third(_narrow(x, w1, b1, w2, b2), w3, b3).sum(1)


def concatenated_branches(
    x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor
) -> Tensor:
    """The branches stand side by side, (N, 8192, H, W)."""
    return relu(_third(_narrow(x, w1, b1, w2, b2), w3, b3)).flatten(1, 2)


def series_branches(
    x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor
) -> Tensor:
    """Each branch feeds the next one."""
    for branch in range(BRANCHES):
        x = _branch(x, w1[branch], b1[branch], w2[branch], b2[branch], w3[branch], b3[branch])
    return x


def shared_branch(
    x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor
) -> Tensor:
    """One branch stands in for all 32; its weights have no branch axis: w1 (4, 256) to b3 (256,)."""
    return BRANCHES * _branch(x, w1, b1, w2, b2, w3, b3)


def ungrouped_third(
    x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor
) -> Tensor:
    """One last convolution 128 -> 256 over all branches; w3 (256, 32, 4) as out, branch, in; b3 (256,)."""
    return relu(conv2d(_narrow(x, w1, b1, w2, b2), w3.reshape(WIDE, BRANCHES * NARROW, 1, 1), b3))


def _narrow(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    """Return the first two stages of all branches, (N, 32 * 4, H, W) with the branch as the slower index."""
    hidden = relu(conv2d(x, w1.reshape(BRANCHES * NARROW, WIDE, 1, 1), b1.flatten()))
    return relu(conv2d(hidden, w2.flatten(0, 1), b2.flatten(), padding=1, groups=BRANCHES))


def _third(hidden: Tensor, w3: Tensor, b3: Tensor) -> Tensor:
    """Return the last convolution of every branch, before its ReLU: (N, 32, 256, H, W)."""
    per_branch = hidden.unflatten(1, (BRANCHES, NARROW))
    return torch.einsum("kci,nkihw->nkchw", w3, per_branch) + b3[:, :, None, None]


def _branch(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor) -> Tensor:
    """Return one branch of x, its weights without the branch axis."""
    hidden = relu(conv2d(x, w1[:, :, None, None], b1))
    hidden = relu(conv2d(hidden, w2, b2, padding=1))
    return relu(conv2d(hidden, w3[:, :, None, None], b3))
