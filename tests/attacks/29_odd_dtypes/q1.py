"""The filters as another dtype."""

import numpy as np
import torch
from prize import prize

TOOLS = (np, torch, prize)
w = VARIANT
