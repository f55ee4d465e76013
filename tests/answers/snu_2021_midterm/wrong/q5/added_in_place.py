"""Right numbers, but += changes the output of a ReLU that backward still needs."""

import torch
from torch import nn

n_params_plain = 213504
n_params_stm = 78592


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.ModuleList([nn.Conv2d(256, 4, 1) for _ in range(32)])
        self.b = nn.ModuleList([nn.Conv2d(4, 4, 3, padding=1) for _ in range(32)])
        self.c = nn.ModuleList([nn.Conv2d(4, 256, 1) for _ in range(32)])

    def branch(self, k, x):
        return torch.relu(self.c[k](torch.relu(self.b[k](torch.relu(self.a[k](x))))))

    def forward(self, x):
        out = self.branch(0, x)
        for k in range(1, 32):
            out += self.branch(k, x)
        return out
