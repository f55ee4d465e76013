from torch import nn

n_params_plain = 213_504
n_params_stm = 78_592


class STMConvLayer(nn.Module):
    # the trick from the ResNeXt paper: one grouped convolution does the work of the 32 branches
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(256, 32 * 4, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(32 * 4, 32 * 4, 3, padding=1, groups=32),
            nn.ReLU(inplace=True),
            nn.Conv2d(32 * 4, 256, 1),
            nn.ReLU(inplace=True),
        )

    def forward(self, x):
        return self.layers(x)
