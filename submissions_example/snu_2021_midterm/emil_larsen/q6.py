import torch
def form_one(theta0,grads,alpha,beta):
    thetas=[theta0]
    psis=[theta0]
    for k,g in enumerate(grads):
        psis.append(thetas[k]-alpha*g)
        thetas.append(psis[k+1]+beta*(psis[k+1]-psis[k]))
    return torch.stack(thetas[1:])
def form_two(theta0,grads,alpha,beta):
    thetas=[theta0]
    m=0
    for g in grads:
        m=g+beta*m
        thetas.append(thetas[-1]-alpha*(beta*m+g))
    return torch.stack(thetas[1:])
