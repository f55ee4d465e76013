equivalent = {}
equivalent["relu"] = True
equivalent["sigmoid"] = False
equivalent["leaky_relu"] = True
