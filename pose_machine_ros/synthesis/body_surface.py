# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The surface of a captured person: spheres along the bones, thick as a clothed adult.

The radii follow anthropometric tables of adults (Winter, Biomechanics and Motor Control of Human
Movement; ANSUR II): half of the depth of each part. `girth` makes a person thinner or stouter.
"""

from __future__ import annotations

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.skeleton import MOCAP_25

# Ends as joint or as the mean of joints, radii at both ends in metres.
_LIMBS = (
    ('{side}_hip', '{side}_knee', 0.095, 0.060), ('{side}_knee', '{side}_ankle', 0.060, 0.042),
    ('{side}_heel', '{side}_toe', 0.035, 0.030), ('{side}_ankle', '{side}_toe', 0.042, 0.030),
    ('{side}_shoulder', '{side}_elbow', 0.056, 0.044),
    ('{side}_elbow', '{side}_wrist', 0.044, 0.030), ('{side}_wrist', '{side}_hand', 0.032, 0.035))
_SIDES = tuple(tuple(part.format(side=side) if isinstance(part, str) else part for part in limb)
               for side in ('left', 'right') for limb in _LIMBS)
_SHOULDERS, _HIPS = ('left_shoulder', 'right_shoulder'), ('left_hip', 'right_hip')
_EARS = ('left_ear', 'right_ear')
_TRUNK = (
    ('left_hip', 'right_hip', 0.105, 0.105), ('left_shoulder', 'right_shoulder', 0.066, 0.066),
    (_HIPS, _SHOULDERS, 0.110, 0.100), ('left_hip', 'left_shoulder', 0.100, 0.085),
    ('right_hip', 'right_shoulder', 0.100, 0.085), (_SHOULDERS, _EARS, 0.058, 0.058),
    (_EARS, (*_EARS, 'head_top'), 0.088, 0.088), (_EARS, 'nose', 0.075, 0.018))
PARTS = _SIDES + _TRUNK
_SPACING = 0.5  # of the radius, between the centres of spheres
_MOST = 12  # spheres of a part
_NEAR = 0.15  # metres; nearer spheres are not drawn


def spheres(joints: np.ndarray, girth: float = 1.0) -> np.ndarray:
    """Return balls (S, 4), centre and radius in metres, around captured joints (25, 3)."""
    rows = []
    for first, last, thick, thin in PARTS:
        a, b = (joints[_indices(end)].mean(0) for end in (first, last))
        length = float(np.linalg.norm(b - a))
        count = min(_MOST, 2 + int(length / (_SPACING * min(thick, thin) * girth)))
        share = np.linspace(0, 1, count)[:, None]
        rows.append(np.concatenate(
            (a + share * (b - a), girth * (thick + share * (thin - thick))), 1))
    return np.concatenate(rows)


def draw_spheres(balls: np.ndarray, camera: Camera, depth: np.ndarray) -> None:
    """Draw spheres (S, 4) in the frame of a camera without lens distortion into its depth image.

    `depth` (H, W) float32 in metres keeps what is nearer; infinity is nothing.
    """
    (fx, _, cx), (_, fy, cy), _ = camera.matrix
    columns = ((np.arange(camera.width) - cx) / fx).astype(np.float32)
    rows = ((np.arange(camera.height) - cy) / fy).astype(np.float32)[:, None]
    for x, y, z, radius in balls[balls[:, 2] - balls[:, 3] > _NEAR].tolist():
        reach = radius / (z - radius)
        left, right = np.searchsorted(columns, (x / z - 1.5 * reach, x / z + 1.5 * reach))
        top, bottom = np.searchsorted(rows[:, 0], (y / z - 1.5 * reach, y / z + 1.5 * reach))
        if left >= right or top >= bottom:
            continue
        u, v = columns[left:right], rows[top:bottom]
        # A point t (u, v, 1) of the ray is on the sphere where a t^2 - 2 b t + c = 0.
        a = u * u + v * v + 1
        b = u * x + v * y + z
        squared = b * b - a * (x * x + y * y + z * z - radius * radius)
        with np.errstate(invalid='ignore'):
            near = (b - np.sqrt(squared)) / a
        region = depth[top:bottom, left:right]
        np.fmin(region, near, out=region)


def _indices(end: str | tuple[str, ...]) -> list[int]:
    return MOCAP_25.indices((end,) if isinstance(end, str) else end)
