# Question 1
# I use an outer product: (which colour) x (which stencil)
import numpy as np

down = np.zeros((3, 3))
down[1, 1], down[2, 1] = -1, +1

right = np.zeros((3, 3))
right[1, 1], right[1, 2] = -1, +1

w = np.zeros((6, 3, 3, 3), dtype=np.float32)
for out_channel in range(6):
    in_channel = out_channel // 2
    w[out_channel, in_channel] = down if out_channel % 2 == 0 else right

assert w.shape == (6, 3, 3, 3)
