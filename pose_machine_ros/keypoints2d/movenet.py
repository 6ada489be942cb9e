# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MoveNet: MobileNetV2, a feature pyramid, and heads at a quarter of the input size.

MobileNetV2: Sandler et al., CVPR 2018. Pyramid: Lin et al., CVPR 2017. Heads: Zhou et al., Objects
as Points, 2019. Batch normalisation is folded into the convolutions, as in the released weights.
"""

from __future__ import annotations

import torch
from torch import nn, Tensor
from torch.nn import functional

from pose_machine_ros.skeleton import COCO_17

STRIDE = 4  # input pixels per cell of the heads' maps
_KEYPOINTS = len(COCO_17)

HEADS_SINGLE = {'center': 1, 'keypoint_heatmap': _KEYPOINTS, 'keypoint_regress': 2 * _KEYPOINTS,
                'keypoint_offset': 2 * _KEYPOINTS}
HEADS_MULTI = {**HEADS_SINGLE, 'box_scale': 2, 'box_offset': 2}

# Channels of the stem and of blocks 0 to 16.
THUNDER_CHANNELS = (56, 32, 40, 40, *(56,) * 3, *(112,) * 4, *(168,) * 3, *(280,) * 3, 560)
LIGHTNING_CHANNELS = (32, 16, 24, 24, *(32,) * 3, *(64,) * 4, *(96,) * 3, *(160,) * 3, 320)
MULTIPOSE_CHANNELS = (48, 24, 40, 40, *(48,) * 3, *(96,) * 4, *(144,) * 3, *(240,) * 3, 480)
_EXPANSION = 6
_HALVING_BLOCKS = (1, 3, 6, 13)
_LATERAL_BLOCKS = (9, 5, 2)  # whose outputs join the pyramid, deepest first
_OUT_CHANNELS = 1280
_PYRAMID_CHANNELS = (64, 32, 24)
_HEAD_CHANNELS = 96
# Blocks of Thunder whose outputs are features of the picture: where people are in depth shows most
# in these. A cell of theirs covers 16 x 16 input pixels, and the middle of the first is pixel 15.
FEATURE_BLOCKS = (9, 12)
FEATURE_STRIDE, FEATURE_ORIGIN = 16, 15
MIDDLE_GREY = 127.5  # the 8-bit value that is 0 for the released network


def pad_same(x: Tensor, value: float = 0.0) -> Tensor:
    """Pad an even size for a 3x3 convolution of stride 2 as TensorFlow does: only at the end."""
    return functional.pad(x, (0, 1, 0, 1), value=value)


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; with a skip connection if the shape stays."""

    def __init__(self, channels: int, out_channels: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels * expansion
        self.expand = nn.Conv2d(channels, wide, 1) if expansion > 1 else None
        self.depthwise = nn.Conv2d(wide, wide, 3, stride, 1 if stride == 1 else 0, groups=wide)
        self.project = nn.Conv2d(wide, out_channels, 1)
        self.has_skip = stride == 1 and channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else functional.relu6(self.expand(x))
        if self.depthwise.stride == (2, 2):
            y = pad_same(y)
        y = self.project(functional.relu6(self.depthwise(y)))
        return x + y if self.has_skip else y


class Separable(nn.Module):
    """Depthwise 3x3 convolution, pointwise 1x1 convolution, ReLU."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.pointwise = nn.Conv2d(channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x)).relu()


class Head(nn.Module):
    """Head for one output map."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.hidden = Separable(channels, _HEAD_CHANNELS)
        self.out = nn.Conv2d(_HEAD_CHANNELS, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.hidden(x))


class MoveNet(nn.Module):
    """From images to one map per head, and features if they are asked for."""

    def __init__(self, channels: tuple[int, ...], heads: dict[str, int],
                 feature_blocks: tuple[int, ...] = ()) -> None:
        """`feature_blocks`, all of one size, are those whose outputs are the features."""
        super().__init__()
        self.feature_blocks = feature_blocks
        self.stem = nn.Conv2d(3, channels[0], 3, 2)
        self.blocks = nn.ModuleList(
            InvertedResidual(before, after, 2 if i in _HALVING_BLOCKS else 1,
                             _EXPANSION if i else 1)
            for i, (before, after) in enumerate(zip(channels, channels[1:])))
        self.deep = nn.Conv2d(channels[-1], _OUT_CHANNELS, 1)
        laterals = (_OUT_CHANNELS, *(channels[i + 1] for i in _LATERAL_BLOCKS))
        self.laterals = nn.ModuleList(
            nn.Conv2d(c, out, 1) for c, out in zip(laterals, (64, *_PYRAMID_CHANNELS)))
        self.smooth = nn.ModuleList(
            Separable(c, out) for c, out in zip(
                _PYRAMID_CHANNELS, (*_PYRAMID_CHANNELS[1:], _PYRAMID_CHANNELS[-1])))
        self.heads = nn.ModuleDict(
            {name: Head(_PYRAMID_CHANNELS[-1], out) for name, out in heads.items()})

    @property
    def outputs(self) -> dict[str, int]:
        """Return the names of the maps in order, with their channels: the heads, features."""
        channels = {name: head.out.out_channels for name, head in self.heads.items()}
        if self.feature_blocks:
            channels['features'] = sum(
                self.blocks[block].project.out_channels for block in self.feature_blocks)
        return channels

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return the heads' maps, (B, C, H / 4, W / 4) each, in the order of the heads.

        The features (B, C, H / 16, W / 16) come last if there are any. `images` (B, H, W, 3) uint8,
        BGR; H and W divisible by `config.INPUT_MULTIPLE`.
        """
        x, *features = self.pyramid(pad_same(images.permute(0, 3, 1, 2).float(), MIDDLE_GREY))
        return (*(head(x) for head in self.heads.values()), *features)

    def pyramid(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the map (B, 24, H / 4, W / 4) of the heads from padded images (B, 3, H, W).

        The features (B, C, H / 16, W / 16) come after it if there are any.
        """
        x = functional.relu6(self.stem(x))
        after = []  # each block
        for block in self.blocks:
            x = block(x)
            after.append(x)
        x = self.laterals[0](functional.relu6(self.deep(x)))
        for lateral, block, smooth in zip(self.laterals[1:], _LATERAL_BLOCKS, self.smooth):
            x = functional.interpolate(x, scale_factor=2.0, mode='bilinear')
            x = smooth(x + lateral(after[block]))
        if not self.feature_blocks:
            return (x,)
        return x, torch.cat([after[block] for block in self.feature_blocks], 1)


def thunder(features: bool = False) -> MoveNet:
    """Return MoveNet Thunder, for crops of one person, 256 px; with `features` it gives those."""
    return MoveNet(THUNDER_CHANNELS, HEADS_SINGLE, FEATURE_BLOCKS if features else ())


def lightning() -> MoveNet:
    """Return MoveNet Lightning, for crops of one person, 192 px."""
    return MoveNet(LIGHTNING_CHANNELS, HEADS_SINGLE)


def multipose() -> MoveNet:
    """Return MoveNet Multipose, for whole frames with several people."""
    return MoveNet(MULTIPOSE_CHANNELS, HEADS_MULTI)


def freeze(network: MoveNet, weights: dict[str, Tensor]) -> MoveNet:
    """Load released weights into the network and prepare it for inference.

    The released stem takes RGB from -1 to 1. Here it takes BGR from 0 to 255: its weights are
    swapped and scaled instead of every pixel.
    """
    stem = weights['stem.weight']
    network.load_state_dict(weights | {
        'stem.weight': stem.flip(1) / MIDDLE_GREY,
        'stem.bias': weights['stem.bias'] - stem.sum((1, 2, 3))})
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
