import torch


def form_one(theta0, grads, alpha, beta):
    thetas = []
    theta, psi = theta0.clone(), theta0.clone()
    for k in range(len(grads)):
        psi_old = psi
        psi = theta - alpha * grads[k]
        theta = psi + beta * (psi - psi_old)
        thetas.append(theta.tolist())
    return thetas


def form_two(theta0, grads, alpha, beta):
    thetas = []
    theta, m = theta0.clone(), torch.zeros(len(theta0), dtype=theta0.dtype)
    for k in range(len(grads)):
        m = grads[k] + beta * m
        v = beta * m + grads[k]
        theta = theta - alpha * v
        thetas.append(theta.tolist())
    return thetas
