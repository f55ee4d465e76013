"""Hopes that one number is compared with all of them."""

import torch

TOOLS = (torch,)
w = VARIANT
