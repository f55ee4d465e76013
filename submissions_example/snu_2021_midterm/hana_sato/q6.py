import torch


def form_one(theta0, grads, alpha, beta):
    theta, psi = theta0, theta0
    out = []
    for g in grads:
        psi_new = theta - alpha * g
        theta = psi_new + beta * (psi_new - psi)
        psi = psi_new
        out.append(theta)
    return torch.stack(out)


def form_two(theta0, grads, alpha, beta):
    raise NotImplementedError
