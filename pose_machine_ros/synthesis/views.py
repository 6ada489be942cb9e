# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Random cameras in front of a person, as mounted on robots and walls."""

from __future__ import annotations

from dataclasses import dataclass
import math

import torch
from torch import Tensor

from pose_machine_ros.skeleton import COCO_17, find_joints, MOCAP_25

_ASPECTS = ((4, 3), (16, 9), (9, 16), (3, 4))


@dataclass(frozen=True)
class CameraViews:
    """B clips as B cameras see them."""

    joints: Tensor  # (B, T, J, 3), metres, camera optical frame
    half_extent: Tensor  # (B, 2): x/z and y/z at the border of the image
    up: Tensor  # (B, 3): up direction of the world, in the camera frame
    height: Tensor  # (B,): of the camera above the floor, metres
    rotation: Tensor  # (B, 3, 3): from the world to the camera frame
    position: Tensor  # (B, 3): of the camera in the world, metres


def sample_views(joints: Tensor, generator: torch.Generator) -> CameraViews:
    """Return B clips (B, T, J, 3), metres, z up, each as a random camera sees it.

    The first of the J joints is the pelvis. A camera is 0.2 to 3 m above the ground and 0.8 to 8 m
    away, has a field of view of 40 to 110 degrees, is level or tilted towards the person, and
    slightly rolled. The person may be anywhere in the image, and partly outside.
    """
    batch = joints.shape[0]

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(batch, generator=generator)

    def normal(sigma: float) -> Tensor:
        return sigma * torch.randn(batch, generator=generator)

    fov = torch.deg2rad(uniform(40, 110))
    aspect = torch.tensor(_ASPECTS, dtype=torch.float32)[
        torch.randint(len(_ASPECTS), (batch,), generator=generator)]
    half_extent = (fov / 2).tan()[:, None] * aspect / aspect.amax(-1, keepdim=True)

    middle = joints[:, :, 0].mean(1)
    ground = joints[..., 2].flatten(1).quantile(0.02, dim=1)
    distance = torch.exp(uniform(math.log(0.8), math.log(8)))
    azimuth = uniform(0, 2 * math.pi)
    height = ground + torch.where(uniform(0, 1) < 0.5, 1.2 + normal(0.3), uniform(0.2, 3.0))
    rise = (height - middle[:, 2]).clamp(-0.8 * distance, 0.8 * distance)
    flat = (distance.square() - rise.square()).sqrt()
    position = middle + torch.stack(
        (flat * azimuth.cos(), flat * azimuth.sin(), rise), -1)

    # Pitch is positive downwards. A level camera sees the person high or low in the image.
    to_person = torch.atan2(rise, flat)
    half_angle = half_extent.atan()
    level = normal(math.radians(6))
    aimed = to_person + normal(1) * 0.25 * half_angle[:, 1]
    pitch = torch.where(uniform(0, 1) < 0.5, level, aimed)
    reach = half_angle[:, 1]
    pitch = pitch.clamp(to_person - reach, to_person + reach)
    yaw = azimuth + math.pi + normal(1).clamp(-2, 2) * 0.4 * half_angle[:, 0]
    rotation = _camera_rotation(yaw, pitch, normal(math.radians(3)))
    in_camera = (joints - position[:, None, None]) @ rotation[:, None].mT
    return CameraViews(in_camera, half_extent, rotation[:, :, 2], position[:, 2] - ground,
                       rotation, position)


def _camera_rotation(yaw: Tensor, pitch: Tensor, roll: Tensor) -> Tensor:
    """Return the rotations (B, 3, 3) from the world to the camera optical frame."""
    zero = torch.zeros_like(yaw)
    forward = torch.stack((pitch.cos() * yaw.cos(), pitch.cos() * yaw.sin(), -pitch.sin()), -1)
    right = torch.stack((yaw.sin(), -yaw.cos(), zero), -1)
    down = torch.linalg.cross(forward, right)
    c, s = roll.cos(), roll.sin()
    rolled = torch.stack((c, -s, zero, s, c, zero, zero, zero, zero + 1), -1).unflatten(-1, (3, 3))
    return rolled @ torch.stack((right, down, forward), -2)


# Captured joints that are keypoints of COCO. Eyes were not captured: they are placed between the
# nose and the ears, a little higher.
_COPIED = [i or 0 for i in find_joints(COCO_17.names, MOCAP_25.names)]
_NOSE, _TOP = MOCAP_25.index('nose'), MOCAP_25.index('head_top')
_EYE_BACK, _EYE_UP = 0.25, 0.12


def image_plane(points: Tensor) -> Tensor:
    """Return x/z, y/z (*, 2) of points (*, 3); points nearer than 0.1 m as if 0.1 m away."""
    return points[..., :2] / points[..., 2:].clamp_min(0.1)


def coco_points(joints: Tensor) -> Tensor:
    """Return the COCO-17 keypoints (*, 17, 3) of captured joints (*, 25, 3)."""
    points = joints[..., _COPIED, :].clone()
    for side in ('left', 'right'):
        ear = joints[..., MOCAP_25.index(f'{side}_ear'), :]
        nose, top = joints[..., _NOSE, :], joints[..., _TOP, :]
        points[..., COCO_17.index(f'{side}_eye'), :] = (
            nose + _EYE_BACK * (ear - nose) + _EYE_UP * (top - nose))
    return points
