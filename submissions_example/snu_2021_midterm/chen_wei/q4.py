def output_moments(n_in, sigma_A):
    mean = 1 / 2
    var = (5 / 64) * n_in * sigma_A**2
    return mean, var


def input_gradient_moments(n_out, sigma_A):
    mean = 0
    var = n_out * sigma_A**2 / 16
    return mean, var
