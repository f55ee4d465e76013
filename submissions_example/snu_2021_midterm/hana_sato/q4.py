def output_moments(n_in, sigma_A):
    # E[y~] = 0, Var[y~] = n_in * sigma_A^2 * E[x^2], E[x^2] = 1 + 1/4
    return 0.5, n_in * sigma_A**2 * 1.25 / 16


def input_gradient_moments(n_out, sigma_A):
    # later
    pass
