equivalent={"relu":True,"sigmoid":False,"leaky_relu":True}
