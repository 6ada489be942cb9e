# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MoveNet for a GPU: fewer and larger operations, in half precision.

All heads start from the same map and have the same layers, so their filters are stacked. One layer
then takes the time of one head's, because a GPU is far from busy with one. In the pyramid, a filter
of each channel and the one across channels after it are one filter.
"""

from __future__ import annotations

import copy

import torch
from torch import nn, Tensor
from torch.nn import functional

from pose_machine_ros.keypoints2d.movenet import MIDDLE_GREY, MoveNet, pad_same, Separable


class FusedMoveNet(nn.Module):
    """Computes what a MoveNet computes; the maps are float32."""

    def __init__(self, network: MoveNet, dtype: torch.dtype = torch.float32) -> None:
        """Copy the weights of `network`, to compute in `dtype`."""
        super().__init__()
        heads = list(network.heads.values())
        self._network = copy.deepcopy(network)
        del self._network.heads
        for index, layers in enumerate(list(self._network.smooth)):
            self._network.smooth[index] = _merged(layers)
        # A grouped filter gives the maps of all heads for the first channel, then for the second.
        depthwise = torch.stack([h.hidden.depthwise.weight for h in heads], 1).flatten(0, 1)
        pointwise = torch.stack([torch.block_diag(*(
            h.hidden.pointwise.weight[:, channel, 0] for h in heads))
            for channel in range(heads[0].hidden.depthwise.in_channels)], 1)
        self._sizes = [h.out.out_channels for h in heads]
        self._groups = len(depthwise) // len(heads)
        for name, value in (
                ('_depthwise', depthwise), ('_pointwise', pointwise.flatten(1)[..., None, None]),
                ('_pointwise_bias', torch.cat([h.hidden.pointwise.bias for h in heads])),
                ('_out', torch.block_diag(*(h.out.weight[..., 0, 0] for h in heads))
                 [..., None, None]),
                ('_out_bias', torch.cat([h.out.bias for h in heads]))):
            self.register_buffer(name, value)
        self.to(dtype=dtype, memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return the maps of images (B, H, W, 3), BGR from 0 to 255, as MoveNet does."""
        x = pad_same(images.permute(0, 3, 1, 2).to(self._out.dtype), MIDDLE_GREY)
        x, *features = self._network.pyramid(x)
        x = functional.conv2d(x, self._depthwise, padding=1, groups=self._groups)
        x = functional.conv2d(x, self._pointwise, self._pointwise_bias).relu_()
        x = functional.conv2d(x, self._out, self._out_bias)
        return (*x.float().split(self._sizes, 1), *(f.float() for f in features))


def _merged(layers: Separable) -> nn.Module:
    """Return the two filters of `layers` as one."""
    one_pixel = layers.pointwise
    merged = nn.Conv2d(one_pixel.in_channels, one_pixel.out_channels, 3, padding=1)
    merged.weight = nn.Parameter(
        one_pixel.weight * layers.depthwise.weight[None, :, 0], requires_grad=False)
    merged.bias = one_pixel.bias
    return nn.Sequential(merged, nn.ReLU(inplace=True))
