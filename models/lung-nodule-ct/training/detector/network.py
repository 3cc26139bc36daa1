"""The network: a small 3D encoder with a decoder back to a quarter of the resolution, and heads for heat, offset and size."""

import torch
from torch import nn
from torch.nn import functional

OUTPUT_STRIDE = 4
MULTIPLE = 16


def _conv(inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    conv = nn.Conv3d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm3d(outputs), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Sequential(nn.Conv3d(width, width, 3, 1, 1, bias=False), nn.BatchNorm3d(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(x + self.second(self.first(x)))


class NoduleNet(nn.Module):
    """
    (N, 1, d, h, w), each a multiple of 16, to heat (N, 1, d/4, h/4, w/4) before its sigmoid, and regression
    (N, 4, ...): offset z, y, x in cells, ln diameter in mm. Only convolution, addition, ReLU and nearest resizing.
    """

    def __init__(self, widths=(16, 32, 64, 96), blocks=(1, 2, 3, 2), head: int = 48):
        super().__init__()
        stage = lambda width, count: nn.Sequential(*[Residual(width) for _ in range(count)])
        self.stem = _conv(1, widths[0], 2, 5)
        self.level_2 = stage(widths[0], blocks[0])
        self.level_4 = nn.Sequential(_conv(widths[0], widths[1], 2), stage(widths[1], blocks[1]))
        self.level_8 = nn.Sequential(_conv(widths[1], widths[2], 2), stage(widths[2], blocks[2]))
        self.level_16 = nn.Sequential(_conv(widths[2], widths[3], 2), stage(widths[3], blocks[3]))
        self.up_eighth, self.merge_eighth = nn.Conv3d(widths[3], widths[2], 1), _conv(widths[2], widths[2])
        self.up_quarter, self.merge_quarter = nn.Conv3d(widths[2], widths[1], 1), _conv(widths[1], head)
        self.shared = _conv(head, head)
        self.heat, self.regression = nn.Conv3d(head, 1, 1), nn.Conv3d(head, 4, 1)
        # One cell in a hundred is a peak at first, and a nodule has 6.5 mm.
        nn.init.constant_(self.heat.bias, -4.6)
        with torch.no_grad():
            self.regression.bias.copy_(torch.tensor([0.0, 0.0, 0.0, 1.9]))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        quarter = self.level_4(self.level_2(self.stem(x)))
        eighth = self.level_8(quarter)
        sixteenth = self.level_16(eighth)
        up = lambda y: functional.interpolate(y, scale_factor=2.0, mode="nearest")
        eighth = self.merge_eighth(eighth + up(self.up_eighth(sixteenth)))
        quarter = self.merge_quarter(quarter + up(self.up_quarter(eighth)))
        shared = self.shared(quarter)
        return self.heat(shared), self.regression(shared)


def losses(
    heat: torch.Tensor, regression: torch.Tensor, target: torch.Tensor, where: torch.Tensor, doubt: float = 0.8
) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Focal loss of the heat map over the number of peaks, smooth L1 of offset and ln diameter over the cells near a centre.

    An answer above `doubt` in real tissue far from a label may be a nodule that nobody labelled: it is not punished.
    """
    wanted = target[:, :1]
    weight, near, real = where.split(1, 1)
    p = torch.sigmoid(heat.float()).clamp(1e-5, 1 - 1e-5)
    peak = (wanted > 0.999).float() * weight
    unsure = (real > 0) & (wanted < 0.02) & (p.detach() > doubt)
    weight = weight * (~unsure).float()
    hit = -(peak * (1 - p) ** 2 * p.log()).sum()
    rest = -(weight * (1 - peak) * (1 - wanted) ** 4 * p**2 * (1 - p).log()).sum()
    error = functional.smooth_l1_loss(regression.float(), target[:, 1:], reduction="none", beta=0.1)
    return (hit + rest) / peak.sum().clamp(min=1), (error * near).sum() / near.sum().clamp(min=1) / 4
