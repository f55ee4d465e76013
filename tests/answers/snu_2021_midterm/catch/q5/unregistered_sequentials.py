"""A plain list of Sequentials."""

from torch import nn

n_params_plain = 213504
n_params_stm = 78592


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = []
        for _ in range(32):
            layers = [nn.Conv2d(256, 4, 1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1), nn.ReLU()]
            self.branches.append(nn.Sequential(*layers, nn.Conv2d(4, 256, 1), nn.ReLU()))

    def forward(self, x):
        return sum(branch(x) for branch in self.branches)
