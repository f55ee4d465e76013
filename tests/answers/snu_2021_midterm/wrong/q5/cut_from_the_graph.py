"""Right numbers, but detached from the parameters and from the input."""

from torch import nn

n_params_plain = 213504
n_params_stm = 78592


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(256, 4, 1),
                nn.ReLU(),
                nn.Conv2d(4, 4, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(4, 256, 1),
                nn.ReLU(),
            )
            for _ in range(32)
        )

    def forward(self, x):
        return sum(branch(x).detach() for branch in self.branches)
