"""96 convolutions under names of their own, registered in a shuffled order."""

import random

import torch
from torch import nn

n_params_plain = 213504
n_params_stm = 78592


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        jobs = [(stage, k) for stage in "abc" for k in range(32)]
        random.Random(3).shuffle(jobs)
        for stage, k in jobs:
            if stage == "a":
                conv = nn.Conv2d(256, 4, 1)
            elif stage == "b":
                conv = nn.Conv2d(4, 4, 3, padding=1)
            else:
                conv = nn.Conv2d(4, 256, 1)
            setattr(self, f"{stage}{k}", conv)

    def forward(self, x):
        outs = []
        for k in range(32):
            h = torch.relu(getattr(self, f"a{k}")(x))
            h = torch.relu(getattr(self, f"b{k}")(h))
            outs.append(torch.relu(getattr(self, f"c{k}")(h)))
        return sum(outs)
