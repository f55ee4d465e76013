equivalent = {
    "relu": True,         # relu(c z) = c relu(z), c >= 0
    "sigmoid": False,     # sigmoid(0) = 0.5
    "leaky_relu": True,   # homogeneous too
}
