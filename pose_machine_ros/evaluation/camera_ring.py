# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Poses of cameras around people, as in a room with several cameras."""

from __future__ import annotations

import math

import numpy as np

from pose_machine_ros.camera.rigid_transform import RigidTransform

_DISTANCE = (3.0, 6.0)  # metres, from the paths of the people
_HEIGHT = (0.8, 2.5)  # metres, above the floor
_JITTER = 0.2  # of the angle between two cameras
_AIM_JITTER = 0.3  # metres, standard deviation of the point at which a camera looks
_QUANTILE = 0.02  # of the heights of all joints: the floor


def surround(joints: np.ndarray, count: int, rng: np.random.Generator,
             first: float | None = None) -> list[RigidTransform]:
    """Return the poses of the optical frames of `count` cameras around people in the world.

    `joints` (*, J, 3), metres, z up, are all joints at all times; joint 0 is the pelvis. The
    cameras have similar angles between them, are 3 to 6 m away from the nearest place where a
    person goes, 0.8 to 2.5 m above the floor, and look at the middle. The first two of four cameras
    are neighbours. `first` is the direction of the first camera from the people, in radians from
    the x axis; None draws it.
    """
    roots = joints[..., 0, :].reshape(-1, 3)
    middle = (roots.min(0) + roots.max(0)) / 2
    radius = np.linalg.norm((roots - middle)[:, :2], axis=-1).max()
    floor = np.quantile(joints[..., 2], _QUANTILE)
    step = 2 * math.pi / max(count, 3)
    first = rng.uniform(0, 2 * math.pi) if first is None else first
    angles = first + step * (
        np.arange(count) + rng.uniform(-_JITTER, _JITTER, count))
    distances = radius + rng.uniform(*_DISTANCE, count)
    heights = floor + rng.uniform(*_HEIGHT, count)
    aims = middle + _AIM_JITTER * rng.normal(size=(count, 3))
    return [look_at(np.array((middle[0] + d * math.cos(a), middle[1] + d * math.sin(a), h)), aim)
            for a, d, h, aim in zip(angles, distances, heights, aims)]


def look_at(position: np.ndarray, target: np.ndarray) -> RigidTransform:
    """Return the pose in the world, z up, of a level camera at (3,) that looks at (3,)."""
    forward = (target - position) / np.linalg.norm(target - position)
    right = np.cross(forward, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    return RigidTransform(np.stack((right, np.cross(forward, right), forward), 1), position)


def disturbed(pose: RigidTransform, angle: float, distance: float,
              rng: np.random.Generator) -> RigidTransform:
    """Return `pose` turned by `angle`, radians, and moved by `distance`, metres, at random."""
    axis, direction = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 3)))
    turn = RigidTransform.from_quaternion(
        np.append(math.sin(angle / 2) * axis, math.cos(angle / 2)), np.zeros(3))
    return RigidTransform(pose.rotation @ turn.rotation, pose.translation + distance * direction)
