"""Asks for more memory than there is."""

import numpy as np
import torch

TOOLS = (np, torch)
w = VARIANT
