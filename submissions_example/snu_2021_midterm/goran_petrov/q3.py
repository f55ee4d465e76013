# leaky relu lets negative values through, so there the order matters
equivalent = {"relu": True, "sigmoid": False, "leaky_relu": False}
