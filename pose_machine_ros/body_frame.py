# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Position and orientation of a person's trunk: the body frame of REP-155."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np

from pose_machine_ros.camera.quaternions import quaternion_of
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import HUMAN36M_17

TRUNK = HUMAN36M_17.indices(('left_hip', 'right_hip', 'left_shoulder', 'right_shoulder'))
_MIN_LENGTH = 0.05  # metres; the direction of a shorter vector is not reliable
_MIN_SINE = 0.2  # of the angle between the trunk and its left


@dataclass(frozen=True)
class BodyFrame:
    """A right-handed frame in the frame of the skeleton."""

    origin: np.ndarray  # (3,) metres, midway between the hips
    axes: np.ndarray  # (3, 3), unit columns: x out of the chest, y to the left, z to the head

    def into(self, points: np.ndarray) -> np.ndarray:
        """Transform points (*, 3) of the skeleton's frame, metres, into this frame."""
        return (points - self.origin) @ self.axes

    def quaternion(self) -> tuple[float, float, float, float]:
        """Return x, y, z, w of the rotation from this frame into the skeleton's."""
        return quaternion_of(self.axes)


def body_frame(skeleton: Skeleton) -> BodyFrame | None:
    """Return the frame of a person, or None if hips and shoulders do not determine it.

    The direction to the left is the mean of hips and shoulders. The hips alone are so close to each
    other that an error of a few centimetres turns the frame by a large angle.
    """
    trunk = skeleton.xyz[TRUNK].astype(np.float64)
    if not (skeleton.joint_scores[TRUNK] > 0).all() or not np.isfinite(trunk).all():
        return None
    left_hip, right_hip, left_shoulder, right_shoulder = trunk
    origin = (left_hip + right_hip) / 2
    up = (left_shoulder + right_shoulder) / 2 - origin
    left = left_hip - right_hip + left_shoulder - right_shoulder
    lengths = math.hypot(*up), math.hypot(*left)
    if min(lengths) < _MIN_LENGTH:
        return None
    z = up / lengths[0]
    forward = _cross(left / lengths[1], z)
    sine = math.hypot(*forward)
    if sine < _MIN_SINE:
        return None
    x = forward / sine
    return BodyFrame(origin, np.stack((x, _cross(z, x), z), axis=1))


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cross product of vectors (3,); NumPy's takes ten times as long for one pair."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx))
