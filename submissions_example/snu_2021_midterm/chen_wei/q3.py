equivalent = dict(relu=True, sigmoid=False, leaky_relu=True)
