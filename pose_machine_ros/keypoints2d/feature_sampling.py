# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Features of the 2D network at the points of a person's body."""

from __future__ import annotations

import functools

import torch
from torch import Tensor
from torch.nn import functional

from pose_machine_ros.keypoints2d.movenet import FEATURE_ORIGIN, FEATURE_STRIDE
from pose_machine_ros.skeleton import APPEARANCE_POINTS, COCO_17


def sample_features(features: Tensor, keypoints: Tensor) -> Tensor:
    """Return features (B, 26, C) at the APPEARANCE_POINTS of one person in each image.

    `features` (B, C, S, S) are those of the 2D network, and `keypoints` (B, 17, 3) are u, v in px
    of its input, and score. A value between cells is interpolated linearly; outside of the cells it
    is that of the nearest one.
    """
    points = _averages(keypoints.device) @ keypoints[..., :2]
    # grid_sample counts from -1, the middle of the first cell, to 1, that of the last.
    last = FEATURE_STRIDE * (features.shape[-1] - 1)
    places = (points - FEATURE_ORIGIN) * (2 / last) - 1
    sampled = functional.grid_sample(
        features, places[:, None], padding_mode='border', align_corners=True)
    return sampled[:, :, 0].mT


@functools.cache
def _averages(device: torch.device) -> Tensor:
    """Return the weight (26, 17) of each keypoint in each point."""
    weights = torch.zeros(len(APPEARANCE_POINTS), len(COCO_17))
    for row, names in zip(weights, APPEARANCE_POINTS.values()):
        row[COCO_17.indices(names)] = 1 / len(names)
    return weights.to(device)
