import torch

w = torch.zeros(6, 3, 3, 3)
w[:, :, 1, 1] = -1
w[[0, 2, 4], :, 2, 1] = 1
w[[1, 3, 5], :, 1, 2] = 1
