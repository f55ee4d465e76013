from collections import namedtuple

Moments = namedtuple("Moments", "mean variance")


def output_moments(n_in, sigma_A):
    return Moments(0.5, 5 / 64 * n_in * sigma_A**2)


def input_gradient_moments(n_out, sigma_A):
    return Moments(0.0, 1 / 16 * n_out * sigma_A**2)
