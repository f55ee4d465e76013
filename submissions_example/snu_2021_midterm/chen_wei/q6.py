import torch


def form_one(theta0, grads, alpha, beta):
    K, n = grads.shape
    out = torch.zeros(K, n, dtype=theta0.dtype)
    theta, psi = theta0, theta0
    for k in range(K):
        psi_new = theta - alpha * grads[k]
        theta = (1 + beta) * psi_new - beta * psi
        psi = psi_new
        out[k] = theta
    return out


def form_two(theta0, grads, alpha, beta):
    # this is what pytorch does
    theta = theta0.clone().requires_grad_(True)
    opt = torch.optim.SGD([theta], lr=alpha, momentum=beta, nesterov=beta > 0)
    out = torch.zeros_like(grads)
    for k in range(len(grads)):
        theta.grad = grads[k].clone()
        opt.step()
        out[k] = theta.detach()
    return out
