"""A helper builds each filter; the filters are stacked at the end."""

import torch


def stencil(colour, offset):
    f = torch.zeros(3, 3, 3, dtype=torch.float64)
    f[colour, 1, 1] -= 1
    f[colour, 1 + offset[0], 1 + offset[1]] += 1
    return f


w = torch.stack([stencil(c, o) for c in (0, 1, 2) for o in ((1, 0), (0, 1))])
