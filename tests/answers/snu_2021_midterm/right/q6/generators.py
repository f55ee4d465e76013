"""itertools.accumulate over the state."""

from itertools import accumulate

import torch


def form_one(theta0, grads, alpha, beta):
    def step(state, g):
        theta, psi = state
        new = theta - alpha * g
        return new + beta * (new - psi), new

    states = accumulate(grads, step, initial=(theta0, theta0))
    return torch.stack([theta for theta, _ in states][1:])


def form_two(theta0, grads, alpha, beta):
    def step(state, g):
        theta, m = state
        m = g + beta * m
        return theta - alpha * (beta * m + g), m

    states = accumulate(grads, step, initial=(theta0, 0.0))
    return [theta for theta, _ in states][1:]
