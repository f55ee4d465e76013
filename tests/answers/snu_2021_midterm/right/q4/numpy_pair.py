"""numpy arrays of two entries."""

import numpy as np


def output_moments(n_in, sigma_A):
    return np.array([1 / 2, 5 * n_in * np.square(sigma_A) / 64])


def input_gradient_moments(n_out, sigma_A):
    return np.array([0.0, np.square(sigma_A) * n_out / 16])
