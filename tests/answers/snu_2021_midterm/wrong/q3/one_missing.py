"""Leaky ReLU is forgotten."""

equivalent = {"relu": 1, "sigmoid": 0}
