"""Parameters in float64 from the start; the three stages held in three different ways."""

import torch
from torch import nn

n_params_plain = 213504
n_params_stm = 78592


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(256, 128, dtype=torch.float64) / 16)
        self.bias = nn.Parameter(torch.zeros(128, dtype=torch.float64))
        self.middle = nn.Conv2d(128, 128, 3, padding=1, groups=32, dtype=torch.float64)
        self.last = nn.ModuleList(nn.Conv2d(4, 256, 1).double() for _ in range(32))

    def forward(self, x):
        h = torch.einsum("nchw,co->nohw", x, self.weight) + self.bias[None, :, None, None]
        h = torch.relu(self.middle(torch.relu(h)))
        return sum(torch.relu(conv(part)) for conv, part in zip(self.last, h.split(4, dim=1), strict=True))
