"""The weight of a real Conv2d, still a parameter that requires a gradient."""

import torch
from torch import nn

conv = nn.Conv2d(3, 6, 3, padding=1, bias=False)
with torch.no_grad():
    conv.weight.zero_()
    for colour in range(3):
        conv.weight[2 * colour, colour] = torch.tensor([[0.0, 0, 0], [0, -1, 0], [0, 1, 0]])
        conv.weight[2 * colour + 1, colour] = torch.tensor([[0.0, 0, 0], [0, -1, 1], [0, 0, 0]])

w = conv.weight
