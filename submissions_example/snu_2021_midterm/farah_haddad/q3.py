# Question 3
equivalent = {"relu": True, "sigmoid": False, "leaky_relu": True}
