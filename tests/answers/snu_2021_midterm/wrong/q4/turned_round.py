"""Variance first, mean second."""


def output_moments(n_in, sigma_A):
    return 5 / 64 * n_in * sigma_A**2, 0.5


def input_gradient_moments(n_out, sigma_A):
    return n_out * sigma_A**2 / 16, 0.0
