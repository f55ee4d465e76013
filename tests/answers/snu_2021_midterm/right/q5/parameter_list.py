"""A ParameterList of weights and one of biases, used with functional convolutions."""

import torch
from torch import nn
from torch.nn.functional import conv2d, relu

n_params_plain = 213504
n_params_stm = 78592


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.biases = nn.ParameterList()
        self.weights = nn.ParameterList()
        for _ in range(32):
            for out, inn, size in ((4, 256, 1), (4, 4, 3), (256, 4, 1)):
                self.weights.append(nn.Parameter(0.1 * torch.randn(out, inn, size, size)))
                self.biases.append(nn.Parameter(torch.zeros(out)))

    def forward(self, x):
        total = None
        for k in range(0, 96, 3):
            h = x
            for i, pad in enumerate((0, 1, 0)):
                h = relu(conv2d(h, self.weights[k + i], self.biases[k + i], padding=pad))
            total = h if total is None else total + h
        return total
