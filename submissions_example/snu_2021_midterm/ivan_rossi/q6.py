import torch


def form_one(theta0, grads, alpha, beta):
    K = grads.shape[0]
    theta = torch.empty_like(grads)
    t, psi = theta0.clone(), theta0.clone()
    for k in range(K):
        psi_next = t - alpha * grads[k]
        t = psi_next + beta * (psi_next - psi)
        psi = psi_next
        theta[k] = t
    return theta


def form_two(theta0, grads, alpha, beta):
    K = grads.shape[0]
    theta = torch.empty_like(grads)
    t, m = theta0.clone(), torch.zeros_like(theta0)
    for k in range(K):
        m = grads[k] + beta * m
        t = t - alpha * (beta * m + grads[k])
        theta[k] = t
    return theta
