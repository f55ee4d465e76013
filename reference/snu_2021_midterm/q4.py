"""Truth and known slips of q4: means and variances through a sigmoid layer at initialisation.

Glorot and Bengio's variance argument with sigmoid(z) taken as 1/2 + z/4 and its slope as 1/4;
A_ij ~ N(0, sigma_A^2), b = 0.
"""

from __future__ import annotations

SLOPE = 1 / 4
MEAN_SQUARE_OF_X = 1 + (1 / 2) ** 2
"""E[x^2] = variance + mean^2 of the layer's input."""


def output_moments(n_in: int, sigma_A: float) -> tuple[float, float]:
    """Return (mean, variance) of an entry of y for inputs of mean 1/2 and variance 1."""
    return 1 / 2, SLOPE**2 * n_in * sigma_A**2 * MEAN_SQUARE_OF_X


def moments_with_unit_second_moment(n_in: int, sigma_A: float) -> tuple[float, float]:
    """E[x^2] is taken to be the variance, as if the inputs had mean 0."""
    return 1 / 2, SLOPE**2 * n_in * sigma_A**2


def moments_without_slope(n_in: int, sigma_A: float) -> tuple[float, float]:
    """The variance before the activation."""
    return 1 / 2, n_in * sigma_A**2 * MEAN_SQUARE_OF_X


def input_gradient_moments(n_out: int, sigma_A: float) -> tuple[float, float]:
    """Return (mean, variance) of an entry of the gradient in x; the one in y has mean 0 and variance 1."""
    return 0.0, SLOPE**2 * n_out * sigma_A**2


def gradient_moments_without_slope(n_out: int, sigma_A: float) -> tuple[float, float]:
    """The activation's slope is left out of the chain rule."""
    return 0.0, n_out * sigma_A**2
