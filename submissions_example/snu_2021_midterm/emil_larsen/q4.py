def output_moments(n_in,sigma_A):
    # E[x^2]=1+1/4
    return 0.5,1.25*n_in*sigma_A**2
def input_gradient_moments(n_out,sigma_A):
    return 0,n_out*sigma_A**2
