import torch

# Y[2c]   = X[c, i+1, j] - X[c, i, j]
# Y[2c+1] = X[c, i, j+1] - X[c, i, j]
offsets = [(2, 1), (1, 2)]

w = torch.zeros((6, 3, 3, 3), dtype=torch.double)
for k in range(6):
    c, direction = divmod(k, 2)
    w[k, c, 1, 1] -= 1
    row, col = offsets[direction]
    w[k, c, row, col] += 1

if __name__ == "__main__":
    X = torch.randn(1, 3, 5, 5, dtype=torch.double)
    Y = torch.nn.functional.conv2d(X, w, padding=1)
    print((Y[0, 0, :-1] - (X[0, 0, 1:] - X[0, 0, :-1])).abs().max())
