"""A named tuple and exact fractions."""

from fractions import Fraction
from typing import NamedTuple


class Moments(NamedTuple):
    mean: float
    variance: float


def output_moments(n_in, sigma_A):
    return Moments(float(Fraction(1, 2)), float(Fraction(5, 64) * n_in * Fraction(sigma_A) ** 2))


def input_gradient_moments(n_out, sigma_A):
    return Moments(0.0, float(Fraction(n_out, 16) * Fraction(sigma_A) ** 2))
