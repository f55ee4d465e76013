"""Returns what it was given."""


def form_one(theta0, grads, alpha, beta):
    return grads


def form_two(theta0, grads, alpha, beta):
    return theta0.expand(len(grads), *theta0.shape)
