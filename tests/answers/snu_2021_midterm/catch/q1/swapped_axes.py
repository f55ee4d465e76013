"""Rows for columns and columns for rows."""

down = [[0.0] * 3, [0.0, -1.0, 0.0], [0.0, 1.0, 0.0]]
right = [[0.0] * 3, [0.0, -1.0, 1.0], [0.0] * 3]
zero = [[0.0] * 3 for _ in range(3)]
w = [[stencil if colour == c else zero for colour in range(3)] for c in range(3) for stencil in (right, down)]
