# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Lines that show cameras in space, and which of them see a person."""

from __future__ import annotations

from collections.abc import Sequence
import math

import numpy as np

from pose_machine_ros.camera.field_of_view import DEFAULT_FOV
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import SHARED_JOINTS


def frustum(pose: RigidTransform, width: int, height: int, depth: float) -> np.ndarray:
    """Return the lines (8, 2, 3) of the frustum of a camera, metres, `depth` metres long.

    Messages do not tell the field of view: it is that of an uncalibrated camera. An image size of 0
    gives a square.
    """
    size = np.array((width, height), float) if width and height else np.ones(2)
    half = math.tan(DEFAULT_FOV / 2) * size / size.max()
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    ends = pose.apply(depth * np.column_stack((corners, np.ones(4))))
    start = np.broadcast_to(pose.translation, ends.shape)
    return np.concatenate((np.stack((start, ends), 1), np.stack((ends, np.roll(ends, -1, 0)), 1)))


def sight_lines(skeleton: Skeleton, positions: Sequence[np.ndarray]) -> np.ndarray:
    """Return lines (N, 2, 3) from cameras at `positions` to the joints a keypoint supports."""
    known = (skeleton.joint_scores > 0) & np.isfinite(skeleton.xyz).all(-1)
    joints = skeleton.xyz[[i for i in SHARED_JOINTS if known[i]]].astype(float)
    lines = [np.stack((np.broadcast_to(p, joints.shape), joints), 1) for p in positions]
    return np.concatenate(lines) if lines else np.zeros((0, 2, 3))
