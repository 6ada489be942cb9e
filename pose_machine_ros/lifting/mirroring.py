# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Flip augmentation at test time: the mean of the pose of a person and of their mirror image.

The lifter runs on a person and on the person's mirror image, and the mean of the two is used. That
makes the lifting exactly equivariant to mirroring, and a little more accurate, as in Pavllo et al.,
CVPR 2019.
"""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.lifting.features import FEATURES
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17

_KEYPOINTS = list(COCO_17.mirror)
_JOINTS = list(HUMAN36M_17.mirror)


def mirror_features(features: Tensor) -> Tensor:
    """Return the features (*, FEATURES) of the mirror image: left and right swapped, x negated."""
    count = len(COCO_17)
    plane, scores, ray, rest = features.split((2 * count, count, 2, FEATURES - 3 * count - 2), -1)
    across = features.new_tensor((-1.0, 1.0))
    plane = plane.unflatten(-1, (count, 2))[..., _KEYPOINTS, :] * across
    return torch.cat((plane.flatten(-2), scores[..., _KEYPOINTS], ray * across, rest), -1)


def mirror_joints(joints: Tensor) -> Tensor:
    """Return the mirror image of joints (*, 17, 3) in the person camera."""
    return joints[..., _JOINTS, :] * joints.new_tensor((-1.0, 1.0, 1.0))


def mirror_sigma(sigma: Tensor) -> Tensor:
    """Return the standard deviations (*, 17, 3), or their logarithms, of the mirror image."""
    return sigma[..., _JOINTS, :]


def with_mirrored(features: Tensor) -> Tensor:
    """Return (2 P, *): each person of (P, *, FEATURES), followed by the mirror image."""
    return torch.stack((features, mirror_features(features)), 1).flatten(0, 1)


def average_mirrored(joints: Tensor, log_sigma: Tensor) -> tuple[Tensor, Tensor]:
    """Return the means (P, *, 17, 3) of the output (2 P, *, 17, 3) for `with_mirrored` input."""
    joints, mirrored = joints.unflatten(0, (-1, 2)).unbind(1)
    log_sigma, mirrored_sigma = log_sigma.unflatten(0, (-1, 2)).unbind(1)
    return ((joints + mirror_joints(mirrored)) / 2,
            (log_sigma + mirror_sigma(mirrored_sigma)) / 2)
