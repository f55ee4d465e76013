"""Raw stacked parameters, einsum for the 1x1s."""

import torch
from torch import nn

n_params_plain = 213_504
n_params_stm = 78_592


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.w_in = nn.Parameter(torch.randn(32, 4, 256) / 16)
        self.b_in = nn.Parameter(torch.zeros(32, 4))
        self.w_mid = nn.Parameter(torch.randn(32, 4, 4, 3, 3) / 6)
        self.b_mid = nn.Parameter(torch.zeros(32, 4))
        self.w_out = nn.Parameter(torch.randn(32, 256, 4) / 2)
        self.b_out = nn.Parameter(torch.zeros(32, 256))

    def forward(self, x):
        h = torch.einsum("koc,nchw->nkohw", self.w_in, x) + self.b_in[None, :, :, None, None]
        h = h.relu().flatten(1, 2)
        h = nn.functional.conv2d(
            h, self.w_mid.reshape(128, 4, 3, 3), self.b_mid.reshape(128), padding=1, groups=32
        )
        h = h.relu().unflatten(1, (32, 4))
        h = torch.einsum("koc,nkchw->nkohw", self.w_out, h) + self.b_out[None, :, :, None, None]
        return h.relu().sum(1)
