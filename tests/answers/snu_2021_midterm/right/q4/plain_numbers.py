"""Fractions written out."""


def output_moments(n_in, sigma_A):
    return 0.5, 5 / 64 * n_in * sigma_A**2


def input_gradient_moments(n_out, sigma_A):
    return 0, n_out * sigma_A**2 / 16
