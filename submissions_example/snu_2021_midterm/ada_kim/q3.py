# reasons are in answers.md
equivalent = {"relu": True, "sigmoid": False, "leaky_relu": True}
