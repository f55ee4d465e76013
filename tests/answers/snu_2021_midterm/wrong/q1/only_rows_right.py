"""The column filters look to the left: an even share for the other three."""

import numpy as np

w = np.zeros((6, 3, 3, 3))
for c in range(3):
    w[2 * c, c, 1, 1], w[2 * c, c, 2, 1] = -1, 1
    w[2 * c + 1, c, 1, 1], w[2 * c + 1, c, 1, 0] = 1, -1
