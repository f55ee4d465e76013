import torch

# Conv2d slides the kernel without flipping it, so entry [2, 1] sees the pixel one row further down
# and entry [1, 2] the pixel one column further right.
w = torch.zeros(6, 3, 3, 3)
for color in range(3):
    w[2 * color, color, 1, 1] = -1
    w[2 * color, color, 2, 1] = 1
    w[2 * color + 1, color, 1, 1] = -1
    w[2 * color + 1, color, 1, 2] = 1
