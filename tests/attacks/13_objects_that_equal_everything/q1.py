"""Hands in an object that claims to equal whatever it is compared with."""

import numpy as np
import torch

from prize import prize

TOOLS = (np, torch, prize)
w = VARIANT
