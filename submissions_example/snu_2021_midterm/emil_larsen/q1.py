import torch
w=torch.zeros(6,3,3,3)
for c in range(3):
    # i direction
    w[2*c,c,1,1]=1
    w[2*c,c,2,1]=-1
    # j direction
    w[2*c+1,c,1,1]=1
    w[2*c+1,c,1,2]=-1
