"""Hands in something that still has to be called."""

import torch

from prize import prize

TOOLS = (torch, prize)
w = VARIANT
