"""Three booleans in a dict."""

equivalent = {"relu": True, "sigmoid": False, "leaky_relu": True}
