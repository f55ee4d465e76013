def output_moments(n_in, sigma_A):
    mean_x, var_x = 0.5, 1.0
    var_y = 0.0
    for j in range(n_in):
        var_y += sigma_A**2 * (var_x + mean_x**2) / 16
    return (0.5, var_y)


def input_gradient_moments(n_out, sigma_A):
    var = 0.0
    for i in range(n_out):
        var += sigma_A**2 / 16
    return (0.0, var)
