from torch import nn

n_params_plain = 256 * 128 + 128 + 128 * 128 * 9 + 128 + 128 * 256 + 256
n_params_stm = 32 * (256 * 4 + 4 + 4 * 4 * 9 + 4 + 4 * 256 + 256)


class STMConvLayer(nn.Module):
    def __init__(self):
        super(STMConvLayer, self).__init__()
        # Fill in code here

    def forward(self, x):
        # Fill in code here
        raise NotImplementedError
