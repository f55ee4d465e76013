"""A ModuleList for each of the three stages."""

import torch.nn.functional as F
from torch import nn

n_params_plain = 256 * 128 + 128 + 128 * 128 * 9 + 128 + 128 * 256 + 256
n_params_stm = 32 * (256 * 4 + 4 + 4 * 4 * 9 + 4 + 4 * 256 + 256)


class STMConvLayer(nn.Module):
    def __init__(self):
        super(STMConvLayer, self).__init__()  # noqa: UP008
        self.conv1s = nn.ModuleList([nn.Conv2d(256, 4, 1) for _ in range(32)])
        self.conv2s = nn.ModuleList([nn.Conv2d(4, 4, 3, padding=1) for _ in range(32)])
        self.conv3s = nn.ModuleList([nn.Conv2d(4, 256, 1) for _ in range(32)])

    def forward(self, x):
        out = 0
        for i in range(32):
            y = F.relu(self.conv1s[i](x))
            y = F.relu(self.conv2s[i](y))
            out = out + F.relu(self.conv3s[i](y))
        return out
