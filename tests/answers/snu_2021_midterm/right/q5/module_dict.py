"""A ModuleDict with names, walked backwards."""

from collections import OrderedDict
from functools import reduce
from operator import add

from torch import nn

n_params_plain = 213504
n_params_stm = 78592


def stack():
    return nn.Sequential(
        OrderedDict(
            squeeze=nn.Conv2d(256, 4, 1),
            relu_1=nn.ReLU(),
            mix=nn.Conv2d(4, 4, (3, 3), padding=(1, 1)),
            relu_2=nn.ReLU(),
            widen=nn.Conv2d(4, 256, 1),
            relu_3=nn.ReLU(),
        )
    )


class STMConvLayer(nn.Module):
    def __init__(self, branches=32):
        super().__init__()
        self.paths = nn.ModuleDict({f"path {k}": stack() for k in range(branches)})

    def forward(self, x):
        return reduce(add, [self.paths[name](x) for name in reversed(list(self.paths))])
