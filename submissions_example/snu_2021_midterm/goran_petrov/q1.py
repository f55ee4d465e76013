import torch

down, right = torch.zeros(2, 3, 3)
down[1, 1] = right[1, 1] = -1.0
down[2, 1] = 1.0
right[1, 2] = 1.0

# outer product with the identity picks the colour
w = torch.einsum("cd,skl->csdkl", torch.eye(3), torch.stack([down, right])).reshape(6, 3, 3, 3)
