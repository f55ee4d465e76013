"""One wide 1x1 convolution and two grouped ones."""

import torch
from torch import nn

n_params_plain = 213504.0
n_params_stm = 78592.0


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.reduce = nn.Conv2d(256, 128, 1)
        self.transform = nn.Conv2d(128, 128, 3, padding=1, groups=32)
        self.expand = nn.Conv2d(128, 32 * 256, 1, groups=32)

    def forward(self, x):
        h = torch.relu(self.reduce(x))
        h = torch.relu(self.transform(h))
        h = torch.relu(self.expand(h))
        n, _, height, width = h.shape
        return h.view(n, 32, 256, height, width).sum(dim=1)
