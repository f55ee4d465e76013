import torch


def train(a, b, u, X, Y, lr, steps):
    params = [a.clone().requires_grad_(), b.clone().requires_grad_(), u.clone().requires_grad_()]
    opt = torch.optim.Adam(params, lr=lr)
    step = 0
    while step < steps:
        a, b, u = params
        pred = torch.zeros_like(Y)
        for j in range(len(u)):
            pred = pred + u[j] * torch.tanh(a[j] * X + b[j])
        loss = torch.mean((pred - Y) ** 2)
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
    return [p.detach() for p in params]
