# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Weights rounded to bfloat16 so that the keypoints hardly move.

bfloat16 has 8 significant bits. If each weight of a filter is rounded to the nearest number, the
errors add up where the image is flat: the filter then answers with an offset. With the filters of
MoveNet's first blocks, this moves keypoints by 0.4 px of the 256 px crop. Here the error of a
weight is carried to the next smaller one, so that the sum of a filter stays the same.
"""

from __future__ import annotations

import copy

import torch
from torch import nn, Tensor

from pose_machine_ros.keypoints2d.movenet import MoveNet


def with_bfloat16_filters(network: MoveNet) -> MoveNet:
    """Return a copy of `network` whose filters of several pixels are rounded; it is still float32.

    Filters of one pixel are not changed: a runtime that computes in bfloat16 rounds them.
    """
    rounded = copy.deepcopy(network)
    for layer in rounded.modules():
        if isinstance(layer, nn.Conv2d) and layer.kernel_size != (1, 1):
            layer.weight.copy_(round_filters(layer.weight))
    return rounded


def round_filters(filters: Tensor) -> Tensor:
    """Return `filters` (N, ...) in numbers of bfloat16, each with nearly the same sum as before."""
    flat = filters.flatten(1)
    order = flat.abs().argsort(1, descending=True)  # small numbers are rounded more finely
    rounded, carried = torch.empty_like(flat), flat.new_zeros(len(flat), 1)
    for place in order.split(1, 1):
        wanted = flat.gather(1, place) + carried
        nearest = wanted.bfloat16().float()
        rounded.scatter_(1, place, nearest)
        carried = wanted - nearest
    return rounded.view_as(filters)
