"""All 32 branches at once: raw parameters + grouped convolutions."""

import torch
import torch.nn.functional as F
from torch import nn

layers_plain = [(256, 128, 1), (128, 128, 3), (128, 256, 1)]
layers_branch = [(256, 4, 1), (4, 4, 3), (4, 256, 1)]

n_params_plain = sum(i * o * k * k + o for i, o, k in layers_plain)
n_params_stm = 32 * sum(i * o * k * k + o for i, o, k in layers_branch)


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        # 1x1 and 3x3: 128 = 32*4 channels, branch by branch.  last 1x1: 8192 = 32*256 channels
        self.w1 = nn.Parameter(torch.randn(128, 256, 1, 1) / 16)
        self.b1 = nn.Parameter(torch.zeros(128))
        self.w2 = nn.Parameter(torch.randn(128, 4, 3, 3) / 6)
        self.b2 = nn.Parameter(torch.zeros(128))
        self.w3 = nn.Parameter(torch.randn(8192, 4, 1, 1) / 2)
        self.b3 = nn.Parameter(torch.zeros(8192))

    def forward(self, x):
        N, _, H, W = x.shape
        out = F.relu(F.conv2d(x, self.w1, self.b1))
        out = F.relu(F.conv2d(out, self.w2, self.b2, padding=1, groups=32))
        out = F.relu(F.conv2d(out, self.w3, self.b3, groups=32))
        return out.view(N, 32, 256, H, W).sum(dim=1)
