"""numpy booleans and a 0-d tensor."""

import numpy as np
import torch

equivalent = {}
equivalent["sigmoid"] = torch.sigmoid(torch.tensor(0.0)) == 0
equivalent["relu"] = np.maximum(0.0, 0.0) == 0.0
equivalent["leaky_relu"] = np.bool_(True)
