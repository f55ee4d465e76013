"""A ModuleList of Sequentials."""

import torch
from torch import nn


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(256, 4, kernel_size=1),
                nn.ReLU(inplace=True),
                nn.Conv2d(4, 4, kernel_size=3, padding="same"),
                nn.ReLU(inplace=True),
                nn.Conv2d(4, 256, kernel_size=1),
                nn.ReLU(inplace=True),
            )
            for _ in range(32)
        )

    def forward(self, x):
        return torch.stack([branch(x) for branch in self.branches]).sum(dim=0)


class Plain(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(256, 128, 1), nn.Conv2d(128, 128, 3, padding=1), nn.Conv2d(128, 256, 1))


def count(model):
    return sum(p.numel() for p in model.parameters())


n_params_plain = count(Plain())
n_params_stm = count(STMConvLayer())
