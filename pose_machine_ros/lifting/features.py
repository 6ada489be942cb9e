# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Input features of the lifter, and the frame of reference of its output.

The appearance of a person depends on their position in the image, because a ray off the optical
axis shows them from another side. So each person gets a virtual camera, the *person camera*: at the
same position, but rotated so that its z axis goes through the person's centre. There the keypoints
are centred and divided by the apparent size, and the network's output is in that frame. Rotating
rays is exact for every lens, so the output is rotated back into the camera's frame without loss.
"""

from __future__ import annotations

from dataclasses import dataclass
import functools

import torch
from torch import Tensor

from pose_machine_ros.skeleton import COCO_17

FEATURES = 3 * len(COCO_17) + 4  # x, y, score of each keypoint; ray (2), log size, log time step
_TORSO = COCO_17.indices(f'{side}_{part}' for part in ('shoulder', 'hip')
                         for side in ('left', 'right'))
_OTHERS_WEIGHT = 0.05  # of a keypoint off the torso, in the person's centre
_MIN_SIZE = 1e-3  # apparent size of a person about 500 m away
_MIN_DEPTH = 0.05  # of a unit ray in the person camera
_MIN_LENGTH = 1e-12
_WIDEST_RAY = 1.4  # x/z and y/z; the cameras of training are not wider
NOMINAL_STEP = 1 / 30  # seconds


@dataclass(frozen=True)
class PersonView:
    """Features of people and the person camera of each; the leading axes are the caller's."""

    features: Tensor  # (*, FEATURES)
    rotation: Tensor  # (*, 3, 3): camera frame -> person camera
    plane: Tensor  # (*, 17, 2): x/z, y/z of the keypoints in the person camera, 0 where unseen
    weights: Tensor  # (*, 17): scores, 0 where unseen
    size: Tensor  # (*,): apparent size, root mean square of `plane`


def rays_of(plane: Tensor) -> Tensor:
    """Return the rays (*, 3) through points (*, 2) of the plane z = 1."""
    return torch.cat((plane, torch.ones_like(plane[..., :1])), -1)


def view_people(rays: Tensor, scores: Tensor, time_step: Tensor,
                upright: Tensor | None = None) -> PersonView:
    """Return the network's features of people.

    `rays` (*, 17, 3) go through the COCO-17 keypoints; they have any length, and are NaN for unseen
    keypoints. `scores` (*, 17) are in [0, 1], `time_step` (*,) is in seconds since the person's
    last frame, 0 in their first. `upright` (3, 3) turns the camera's frame into one in which people
    are upright, for a camera that is mounted sideways or upside down.
    """
    is_seen = rays.sum(-1).isfinite() & (scores > 0)
    weights = scores.masked_fill(~is_seen, 0.0)
    rays = rays.masked_fill(~is_seen[..., None], 0.0)
    rays = rays / torch.linalg.vector_norm(rays, dim=-1, keepdim=True).clamp_min(_MIN_LENGTH)
    if upright is not None:
        rays = rays @ upright.mT

    emphasis = _emphasis(weights.device, weights.dtype)
    middle = ((weights * emphasis)[..., None, :] @ rays)[..., 0, :]
    rotation = turn_to(middle)

    across, depth = (rays @ rotation.mT).split((2, 1), -1)
    turned = across / depth.clamp_min(_MIN_DEPTH)
    size = (turned.square().sum(-1) * weights).sum(-1) / weights.sum(-1).clamp_min(1e-6)
    size = size.sqrt().clamp_min(_MIN_SIZE)

    step = torch.where(time_step > 0, time_step / NOMINAL_STEP, 1.0)
    scales = torch.stack((size, step), -1).log()
    features = torch.cat((
        (turned / size[..., None, None]).clamp(-5, 5).flatten(-2), weights, _in_range(middle),
        scales), -1)
    rotation = rotation if upright is None else rotation @ upright
    return PersonView(features, rotation, turned, weights, size)


@functools.cache
def _emphasis(device: torch.device, dtype: torch.dtype) -> Tensor:
    """Return the weights (17,) of the keypoints in the person's centre."""
    emphasis = torch.full((len(COCO_17),), _OTHERS_WEIGHT)
    emphasis[_TORSO] = 1.0
    return emphasis.to(device, dtype)


def turn_to(ray: Tensor) -> Tensor:
    """Return the rotation (*, 3, 3) that turns a ray (*, 3) of any length onto the z axis.

    It is a yaw about the camera's y axis, then a pitch: a level camera stays level. A ray of length
    zero counts as the z axis.
    """
    ray = ray + _z_axis(ray.device, ray.dtype) * _MIN_LENGTH
    x, _, z = ray.unbind(-1)
    right = torch.stack((z, torch.zeros_like(z), -x), -1)
    right, forward = (v / torch.linalg.vector_norm(v, dim=-1, keepdim=True) for v in (right, ray))
    return torch.stack((right, torch.linalg.cross(forward, right), forward), -2)


@functools.cache
def _z_axis(device: torch.device, dtype: torch.dtype) -> Tensor:
    return torch.tensor((0.0, 0.0, 1.0)).to(device, dtype)


def _in_range(ray: Tensor) -> Tensor:
    """Return x/z, y/z (*, 2) of rays (*, 3), limited in width with the steepness kept."""
    x, y, z = ray.unbind(-1)
    across = (x / z.clamp_min(1e-6)).clamp(-_WIDEST_RAY, _WIDEST_RAY)
    steepness = y / (x * x + z * z).sqrt().clamp_min(1e-6)
    down = (steepness * (1 + across * across).sqrt()).clamp(-_WIDEST_RAY, _WIDEST_RAY)
    return torch.stack((across, down), -1)
