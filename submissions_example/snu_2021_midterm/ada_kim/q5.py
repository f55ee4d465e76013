import torch
from torch import nn


def conv_params(c_in, c_out, k):
    return c_in * c_out * k * k + c_out


n_params_plain = conv_params(256, 128, 1) + conv_params(128, 128, 3) + conv_params(128, 256, 1)
n_params_stm = 32 * (conv_params(256, 4, 1) + conv_params(4, 4, 3) + conv_params(4, 256, 1))


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleList([self.make_branch() for _ in range(32)])

    @staticmethod
    def make_branch():
        return nn.Sequential(
            nn.Conv2d(256, 4, 1),
            nn.ReLU(),
            nn.Conv2d(4, 4, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(4, 256, 1),
            nn.ReLU(),
        )

    def forward(self, x):
        out = torch.zeros_like(x)
        for branch in self.branches:
            out = out + branch(x)
        return out
