"""32 deep copies of one branch: equal at birth, trained apart; registered by add_module."""

import copy

import torch
from torch import nn

n_params_plain = 213504
n_params_stm = 78592


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        branch = nn.Sequential(nn.Conv2d(256, 4, 1), nn.ReLU())
        branch.append(nn.Conv2d(4, 4, 3, padding=1)).append(nn.ReLU())
        branch.append(nn.Conv2d(4, 256, 1)).append(nn.ReLU())
        for k in range(32):
            self.add_module(f"copy_{k}", copy.deepcopy(branch))

    def forward(self, x):
        return torch.stack([branch(x) for branch in self.children()], dim=-1).sum(-1)
