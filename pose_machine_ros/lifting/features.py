# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the 2D-to-3D transformer sees of a frame, and the frame of reference it answers in.

A person's look depends on where in the image they stand, since a ray off the optical axis sees
them from another side. So every person gets a camera of their own, the *person camera*: at the
same place, but turned so that its z axis goes through the person's middle. There the keypoints
are centred and divided by the apparent size, and the network answers in that frame. Turning is
exact for a pinhole camera, so the answer turns back into the camera's frame without loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pose_machine_ros.skeleton import COCO_17

FEATURES = 3 * len(COCO_17) + 4  # x, y, score of each keypoint; ray (2), log size, log time step
_TORSO = [COCO_17.index(f'{side}_{part}') for part in ('shoulder', 'hip')
          for side in ('left', 'right')]
_OTHERS_WEIGHT = 0.05  # what a keypoint off the torso weighs in the person's middle
_MIN_SIZE = 1e-3  # of the apparent size: a person some 500 m away
_NOMINAL_STEP = 1 / 30  # seconds


@dataclass(frozen=True)
class PersonView:
    """One or more people as the network sees them; the leading axes are the caller's."""

    features: Tensor  # (*, FEATURES)
    rotation: Tensor  # (*, 3, 3): camera frame -> person camera
    plane: Tensor  # (*, 17, 2): x/z, y/z of the keypoints in the person camera, 0 where unseen
    weights: Tensor  # (*, 17): scores, 0 where unseen
    size: Tensor  # (*,): apparent size, root mean square of `plane`


def view_people(plane: Tensor, scores: Tensor, time_step: Tensor) -> PersonView:
    """Turn keypoints into the network's features.

    `plane` is (*, 17, 2), undistorted coordinates x/z, y/z of the COCO-17 keypoints, NaN where
    unseen; `scores` (*, 17) in [0, 1]; `time_step` (*,) seconds since the person's last frame, 0
    in their first.
    """
    seen = plane.isfinite().all(-1)
    weights = torch.where(seen, scores, 0.0)
    plane = torch.where(seen[..., None], plane, 0.0)

    emphasis = torch.full_like(weights, _OTHERS_WEIGHT)
    emphasis[..., _TORSO] = 1.0
    ray = _weighted_mean(plane, weights * emphasis)
    rotation = turn_to(ray)

    rays = torch.cat((plane, torch.ones_like(plane[..., :1])), -1) @ rotation.mT
    turned = rays[..., :2] / rays[..., 2:].clamp_min(0.05)
    turned = torch.where((weights > 0)[..., None], turned, 0.0)
    size = _weighted_mean(turned.square().sum(-1, keepdim=True), weights).sqrt()[..., 0]
    size = size.clamp_min(_MIN_SIZE)

    step = torch.where(time_step > 0, time_step, _NOMINAL_STEP)
    features = torch.cat((
        (turned / size[..., None, None]).clamp(-5, 5).flatten(-2), weights, ray,
        size.log()[..., None], (step / _NOMINAL_STEP).log()[..., None]), -1)
    return PersonView(features, rotation, turned, weights, size)


def turn_to(ray: Tensor) -> Tensor:
    """Return the (*, 3, 3) rotation that brings the ray (x/z, y/z) (*, 2) onto the z axis.

    Yaw about the camera's y axis, then pitch: a level camera stays level.
    """
    x, y = ray[..., 0], ray[..., 1]
    across = (1 + x * x).sqrt()
    length = (1 + x * x + y * y).sqrt()
    zero = torch.zeros_like(x)
    rows = (1 / across, zero, -x / across,
            -x * y / (across * length), across / length, -y / (across * length),
            x / length, y / length, 1 / length)
    return torch.stack(rows, -1).unflatten(-1, (3, 3))


def _weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Mean of (*, K, C) over K with weights (*, K)."""
    total = weights.sum(-1, keepdim=True).clamp_min(1e-6)
    return (values * weights[..., None]).sum(-2) / total
