"""Raw parameters with input before output axes, and a flat bias."""

import numpy as np
import torch
from torch import nn

n_params_plain = np.int64(213504)
n_params_stm = np.int64(78592)


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.third_bias = nn.Parameter(torch.rand(32 * 256) - 0.5)
        self.third = nn.Parameter(torch.rand(32, 4, 256) - 0.5)
        self.second_bias = nn.Parameter(torch.rand(128) - 0.5)
        self.second = nn.Parameter(torch.rand(128, 4, 3, 3) - 0.5)
        self.first_bias = nn.Parameter(torch.rand(128) - 0.5)
        self.first = nn.Parameter(torch.rand(32, 256, 4) - 0.5)

    def forward(self, x):
        n, _, height, width = x.shape
        pixels = x.flatten(2).unsqueeze(1)
        h = self.first.transpose(1, 2) @ pixels
        h = h.reshape(n, 128, height, width) + self.first_bias.view(-1, 1, 1)
        h = torch.conv2d(h.clamp(min=0), self.second, self.second_bias, padding=1, groups=32)
        h = h.clamp(min=0).reshape(n, 32, 4, height * width)
        h = self.third.mT @ h + self.third_bias.view(32, 256, 1)
        return h.clamp(min=0).sum(dim=1).reshape(n, 256, height, width)
