"""The filter of a convolution with a turned kernel."""

import numpy as np

w = np.zeros((6, 3, 3, 3))
for k in range(6):
    w[k, k // 2, 1, 1] = -1
    if k % 2 == 0:
        w[k, k // 2, 0, 1] = 1
    else:
        w[k, k // 2, 1, 0] = 1
