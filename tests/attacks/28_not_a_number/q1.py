"""Hopes that a comparison with NaN says yes."""

import torch

w = torch.full((6, 3, 3, 3), VARIANT, dtype=torch.float64)
