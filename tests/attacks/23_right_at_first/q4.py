"""Counts its calls and is right once."""

import itertools

calls = itertools.count()
calls_of_gradients = itertools.count()


def output_moments(n_in, sigma_A):
    return (0.5, n_in * sigma_A**2 * 1.25 / 16) if next(calls) == 0 else (7.0, 7.0)


def input_gradient_moments(n_out, sigma_A):
    return (0.0, n_out * sigma_A**2 / 16) if next(calls_of_gradients) == 0 else (7.0, 7.0)
