import torch.nn as nn
import torch.nn.functional as F

# weights + biases
n_params_plain = (256 * 128 + 128) + (128 * 128 * 9 + 128) + (128 * 256 + 256)
n_params_stm = 32 * ((256 * 4 + 4) + (4 * 4 * 9 + 4) + (4 * 256 + 256))


class STMConvLayer(nn.Module):
    def __init__(self):
        super(STMConvLayer, self).__init__()
        self.conv1 = nn.ModuleList([nn.Conv2d(256, 4, 1) for _ in range(32)])
        self.conv2 = nn.ModuleList([nn.Conv2d(4, 4, 3, padding=1) for _ in range(32)])
        self.conv3 = nn.ModuleList([nn.Conv2d(4, 256, 1) for _ in range(32)])

    def forward(self, x):
        out = 0
        for i in range(32):
            h = F.relu(self.conv1[i](x))
            h = F.relu(self.conv2[i](h))
            out = out + self.conv3[i](h)
        return F.relu(out)
