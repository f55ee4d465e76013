"""The slope of the sigmoid is forgotten in both parts."""


def output_moments(n_in, sigma_A):
    return 0.5, (1 + 0.5**2) * n_in * sigma_A**2


def input_gradient_moments(n_out, sigma_A):
    return 0.0, n_out * sigma_A**2
