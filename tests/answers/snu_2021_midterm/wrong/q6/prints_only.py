"""The trajectory is printed, nothing is returned."""


def form_one(theta0, grads, alpha, beta):
    psi = theta0
    for g in grads:
        new = theta0 - alpha * g
        theta0, psi = new + beta * (new - psi), new
        print(theta0)


def form_two(theta0, grads, alpha, beta):
    print(form_one(theta0, grads, alpha, beta))
