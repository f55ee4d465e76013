"""The pixel minus its neighbour."""

import torch

w = torch.zeros(6, 3, 3, 3)
for i in range(6):
    w[i, i // 2, 1, 1] = 1
    w[(i, i // 2, 2, 1) if i % 2 == 0 else (i, i // 2, 1, 2)] = -1
