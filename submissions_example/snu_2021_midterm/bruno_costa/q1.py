"""Finite differences, as nested lists. Row index first, so "i+1" is the entry BELOW the middle."""

zero = [[0, 0, 0], [0, 0, 0], [0, 0, 0]]

di = [[0, 0, 0],
      [0, -1, 0],
      [0, 1, 0]]

dj = [[0, 0, 0],
      [0, -1, 1],
      [0, 0, 0]]

w = []
for channel in range(3):
    for stencil in (di, dj):
        w.append([stencil if k == channel else zero for k in range(3)])
