"""Every verdict is the wrong way round."""

equivalent = {"relu": False, "sigmoid": True, "leaky_relu": False}
