import torch
from torch import nn


class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        # the first 1x1 of all branches in one go, then 4 channels for each branch
        self.split = nn.Conv2d(256, 128, 1)
        self.transform = nn.ModuleList(nn.Conv2d(4, 4, 3, padding=1) for _ in range(32))
        self.merge = nn.ModuleList(nn.Conv2d(4, 256, 1) for _ in range(32))

    def forward(self, x):
        out = torch.zeros_like(x)
        pieces = torch.relu(self.split(x)).split(4, dim=1)
        for piece, conv2, conv3 in zip(pieces, self.transform, self.merge):
            out = out + torch.relu(conv3(torch.relu(conv2(piece))))
        return out


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(256, 128, 1)
        self.conv2 = nn.Conv2d(128, 128, 3, padding=1)
        self.conv3 = nn.Conv2d(128, 256, 1)


def count(net):
    return sum(p.numel() for p in net.parameters())


n_params_plain = count(Plain())
n_params_stm = count(STMConvLayer())
