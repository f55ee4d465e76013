# Question 5
import torch
from torch import nn

# 1x1: in * out weights, 3x3: 9 * in * out weights
n_params_plain = 256 * 128 + 9 * 128 * 128 + 128 * 256
n_params_stm = 32 * (256 * 4 + 9 * 4 * 4 + 4 * 256)


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.reduce = nn.Conv2d(256, 4, kernel_size=1)
        self.transform = nn.Conv2d(4, 4, kernel_size=3, padding="same")
        self.expand = nn.Conv2d(4, 256, kernel_size=1)

    def forward(self, x):
        x = torch.relu(self.reduce(x))
        x = torch.relu(self.transform(x))
        return torch.relu(self.expand(x))


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        for i in range(32):
            self.add_module(f"branch{i}", Branch())

    def forward(self, x):
        return sum(branch(x) for branch in self.children())
