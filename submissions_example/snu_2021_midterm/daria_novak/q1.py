from torch import nn
import torch

# the layer itself, then read off its weight
layer = nn.Conv2d(3, 6, kernel_size=3, padding=1, bias=False)

x_diff = torch.tensor([[0., 0., 0.],
                       [0., -1., 1.],
                       [0., 0., 0.]])
y_diff = x_diff.t()

with torch.no_grad():
    layer.weight.fill_(0.)
    for rgb in range(3):
        layer.weight[2*rgb, rgb] = x_diff       # x-direction
        layer.weight[2*rgb + 1, rgb] = y_diff   # y-direction

w = layer.weight.data
