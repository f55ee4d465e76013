"""An outer product of the identity on the colours with the two stencils."""

import numpy as np

stencils = np.zeros((2, 3, 3))
stencils[:, 1, 1] = -1
stencils[0, 2, 1] = stencils[1, 1, 2] = 1
w = np.einsum("cd,skl->csdkl", np.eye(3), stencils).reshape(6, 3, 3, 3)
