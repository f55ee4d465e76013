"""All row filters first, then all column filters: only the first and the last filter are in their places."""

import torch

w = torch.zeros(6, 3, 3, 3)
for c in range(3):
    w[c, c, 1, 1] = w[3 + c, c, 1, 1] = -1
    w[c, c, 2, 1] = 1
    w[3 + c, c, 1, 2] = 1
