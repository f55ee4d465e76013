"""The 3x3 convolution as a matrix product on unfolded patches; weights of the middle stage (32, 4, 36)."""

import torch
from torch import nn

n_params_plain = 213504
n_params_stm = 78592


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(256, 128, 1)
        self.weight = nn.Parameter(torch.empty(32, 4, 36).uniform_(-0.2, 0.2))
        self.bias = nn.Parameter(torch.zeros(32, 4, 1))
        self.three = nn.Conv2d(128, 8192, 1, groups=32)

    def forward(self, x):
        n, _, height, width = x.shape
        h = self.one(x).relu()
        patches = nn.functional.unfold(h, 3, padding=1).view(n, 32, 36, height * width)
        h = (self.weight @ patches + self.bias).relu().view(n, 128, height, width)
        return self.three(h).relu().view(n, 32, 256, height, width).sum(1)
