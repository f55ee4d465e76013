import torch
# forward pass, z before the activation, y after
def fwd(A,b,x,sigma):
    y=[x]
    z=[]
    for i in range(len(A)):
        z.append(A[i]@y[i]+b[i])
        if i==0: y.append(sigma(z[i]))
        elif i<len(A)-1: y.append(sigma(z[i])+y[i])
        else: y.append(z[i])
    return z,y
def jacobians(A,b,x,sigma,dsigma):
    z,y=fwd(A,b,x,sigma)
    J=[]
    for i in range(1,len(A)-1):
        J.append(dsigma(z[i]).reshape(-1,1)*A[i]+torch.eye(len(z[i]),dtype=x.dtype))
    return J+[A[-1]]
def gradients(A,b,x,sigma,dsigma):
    z,y=fwd(A,b,x,sigma)
    J=jacobians(A,b,x,sigma,dsigma)
    dA=[]
    db=[]
    for i in range(len(A)-1):
        # product of all jacobians above layer i
        P=torch.eye(len(b[i]),dtype=x.dtype)
        for M in J[i:]:
            P=M@P
        d=P[0]*dsigma(z[i])
        db.append(d)
        dA.append(d.reshape(-1,1)*y[i].reshape(1,-1))
    dA.append(y[-2].reshape(1,-1))
    db.append(torch.ones(1,dtype=x.dtype))
    return dA,db
