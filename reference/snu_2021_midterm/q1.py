"""Truth and known slips of q1: colour-wise forward differences as one 3 x 3 convolution.

`conv2d` is a cross-correlation: with padding 1, entry [1, 1] of a filter meets pixel (i, j), [2, 1] meets
(i + 1, j) and [1, 2] meets (i, j + 1). Zero padding supplies the zeros beyond the last row and column.
"""

from __future__ import annotations

import torch

CENTRE = (1, 1)
NEXT_ROW = (2, 1)
NEXT_COLUMN = (1, 2)


def _filters(row: tuple[int, int], column: tuple[int, int]) -> torch.Tensor:
    """Return filters (6, 3, 3, 3) whose +1 stands at `row` in even and at `column` in odd outputs."""
    filters = torch.zeros(6, 3, 3, 3, dtype=torch.float64)
    for colour in range(3):
        for output, plus in ((2 * colour, row), (2 * colour + 1, column)):
            filters[(output, colour, *CENTRE)] = -1.0
            filters[(output, colour, *plus)] = 1.0
    return filters


w = _filters(NEXT_ROW, NEXT_COLUMN)

flipped_kernel = w.flip(2, 3)
"""Right for a convolution in the mathematical sense, which turns the filter round."""

swapped_axes = _filters(NEXT_COLUMN, NEXT_ROW)

sign_reversed = -w

colours_mixed = w.sum(dim=1, keepdim=True).expand(6, 3, 3, 3).clone()
"""Every colour feeds every output."""
