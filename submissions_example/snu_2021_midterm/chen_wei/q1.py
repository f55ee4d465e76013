import numpy as np

# convolution: y[i] = sum_k w[k] x[i - k], so x[i+1] belongs to the entry *before* the centre
kx = np.array([[0, 1, 0], [0, -1, 0], [0, 0, 0]])
ky = np.array([[0, 0, 0], [1, -1, 0], [0, 0, 0]])

w = np.zeros((6, 3, 3, 3))
for c in range(3):
    w[2 * c, c] = kx
    w[2 * c + 1, c] = ky
