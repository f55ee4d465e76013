"""Everything is said to be equivalent."""

equivalent = {"relu": True, "sigmoid": True, "leaky_relu": True}
