import torch
from torch import nn

n_params_plain = 32896 + 147584 + 33024
n_params_stm = 32 * (1028 + 148 + 1280)


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        branches = []
        for k in range(32):
            branches.append(nn.Sequential(
                nn.Conv2d(256, 4, 1), nn.ReLU(),
                nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(),
                nn.Conv2d(4, 256, 1), nn.ReLU(),
            )
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        out = 0
        for branch in self.branches:
            out = out + branch(x)
        return out
