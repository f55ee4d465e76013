"""The right values, stored in an unusual way."""

import numpy as np
import torch

from prize import prize


def frozen():
    array = np.array(prize())
    array.flags.writeable = False
    return array


def inferred():
    with torch.inference_mode():
        return torch.tensor(prize()) + 0


TOOLS = (np, torch)
w = VARIANT
