"""Truth of q3: for which activations dropout may stand on either side.

Dropout multiplies an entry by 0 or by 1 / (1 - p). Both orders agree exactly when the activation is
positively homogeneous: s(c z) = c s(z) for c >= 0, which for c = 0 says s(0) = 0. ReLU and leaky ReLU are, the
sigmoid is not.
"""

equivalent = {"relu": True, "sigmoid": False, "leaky_relu": True}
