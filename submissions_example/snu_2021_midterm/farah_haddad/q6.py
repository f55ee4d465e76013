# Question 6
import numpy as np


def form_one(theta0, grads, alpha, beta):
    theta0, grads = np.asarray(theta0), np.asarray(grads)
    result = np.empty_like(grads)
    theta_old, theta = theta0, theta0
    for k, g in enumerate(grads):
        theta_old, theta = theta, theta - alpha * g + beta * (theta - theta_old)
        result[k] = theta
    return result


def form_two(theta0, grads, alpha, beta):
    theta, grads = np.asarray(theta0), np.asarray(grads)
    result = np.empty_like(grads)
    velocity = np.zeros_like(theta)
    for k, g in enumerate(grads):
        velocity = beta * velocity + g
        theta = theta - alpha * velocity
        result[k] = theta
    return result
