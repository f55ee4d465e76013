"""One wide 1x1 convolution, its output cut into chunks for 32 small stacks."""

import torch
from torch import nn

n_params_plain, n_params_stm = 213504, 78592


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.tails = nn.ModuleList()
        for _ in range(32):
            self.tails.append(
                nn.Sequential(nn.Conv2d(4, 4, 3, 1, 1), nn.ReLU(), nn.Conv2d(4, 256, 1), nn.ReLU())
            )
        self.head = nn.Conv2d(256, 4 * 32, 1)
        self.relu = nn.ReLU()

    def forward(self, x):
        chunks = torch.chunk(self.relu(self.head(x)), 32, dim=1)
        return sum(tail(chunk) for tail, chunk in zip(self.tails, chunks, strict=True))
