# Var(sum of n uncorrelated terms) = n * Var(one term)


def output_moments(n_in, sigma_A):
    var_x = 1
    var_pre = n_in * sigma_A ** 2 * var_x
    mean = 1 / 2
    var = var_pre * (1 / 4) ** 2
    return mean, var


def input_gradient_moments(n_out, sigma_A):
    var_grad = 1
    return 0.0, n_out * sigma_A ** 2 * (1 / 4) ** 2 * var_grad
