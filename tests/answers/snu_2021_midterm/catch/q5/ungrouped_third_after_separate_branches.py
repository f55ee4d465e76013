"""32 narrow branches side by side, merged by one convolution over 128 channels."""

import torch
from torch import nn

n_params_plain = 213504
n_params_stm = 78592


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.narrow = nn.ModuleList(
            nn.Sequential(nn.Conv2d(256, 4, 1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())
            for _ in range(32)
        )
        self.merge = nn.Conv2d(128, 256, 1)

    def forward(self, x):
        return torch.relu(self.merge(torch.cat([branch(x) for branch in self.narrow], dim=1)))
