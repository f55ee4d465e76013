import torch
import torch.nn as nn
n_params_plain=256*128+128+128*128*9+128+128*256+256
n_params_stm=32*(256*4+4+4*4*9+4+4*256+256)
class STMConvLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1=nn.Conv2d(256,4,1)
        self.conv2=nn.Conv2d(4,4,3,padding=1)
        self.conv3=nn.Conv2d(4,256,1)
        self.relu=nn.ReLU()
    def forward(self,x):
        out=0
        for i in range(32):
            y=self.relu(self.conv1(x))
            y=self.relu(self.conv2(y))
            y=self.relu(self.conv3(y))
            out=out+y
        return out
