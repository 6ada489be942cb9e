# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons of a camera, which may move, in another frame."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
import math

import numpy as np

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.correction.trajectory import MEMORY, slope_weights
from pose_machine_ros.pose import Skeleton, Space

_MAX_GAP = 1.0  # seconds between two images
# Faster than a camera on a robot: localization corrects the pose, and the camera does not move so
_MAX_SPEED = 5.0  # m/s
_MAX_TURN = 10.0  # rad/s


class CameraPath:
    """Poses of a camera in its newest images, in another frame.

    The lifter's velocities are relative to the camera. Over the same images, the path tells how
    fast the camera carries a point with it.
    """

    def __init__(self, frame: str = '') -> None:
        self.frame = frame  # the name of the other frame
        self._poses: deque[tuple[int, RigidTransform]] = deque(maxlen=MEMORY)  # newest first

    def add(self, stamp_ns: int, pose: RigidTransform) -> None:
        """Add the pose of the optical frame in the other frame, in the image with that stamp.

        A pose that no camera reaches so fast, as after a correction of the localization, and a
        stamp that goes back or leaps start a new path.
        """
        if self._poses and not _follows(*self._poses[0], stamp_ns, pose):
            self._poses.clear()
        self._poses.appendleft((stamp_ns, pose))

    def place(self, skeleton: Skeleton) -> Skeleton:
        """Return a skeleton of the newest image in the other frame.

        Its rays stay in the camera's optical frame. `space` becomes WORLD_METRIC, unless the camera
        is not calibrated.
        """
        _, pose = self._poses[0]
        spread = skeleton.velocity_covariance
        return replace(
            skeleton,
            space=Space.WORLD_METRIC if skeleton.space == Space.CAMERA_METRIC else skeleton.space,
            xyz=np.float32(pose.apply(skeleton.xyz)),
            covariance=np.float32(pose.rotate_covariance(skeleton.covariance)),
            velocity=np.float32(self._velocity(skeleton)),
            velocity_covariance=None if spread is None
            else np.float32(pose.rotate_covariance(spread)))

    def _velocity(self, skeleton: Skeleton) -> np.ndarray:
        """Return the joints' velocities (17, 3) in the other frame, m/s.

        The lifter's are slopes over the newest images, right in the middle of their time. So this
        combines them with the slope of a point that the camera carries, from where the joint was
        then.
        """
        newest, _ = self._poses[0]
        ages = [(newest - stamp) * 1e-9 for stamp, _ in self._poses]
        middle = len(ages) // 2
        points = skeleton.xyz - ages[middle] * skeleton.velocity
        carried = sum(weight * pose.apply(points)
                      for weight, (_, pose) in zip(slope_weights(ages), self._poses))
        return self._poses[middle][1].rotate(skeleton.velocity) + carried


def _follows(before_ns: int, before: RigidTransform, stamp_ns: int, pose: RigidTransform) -> bool:
    """Return whether a camera can be at `before` and then at `pose`."""
    seconds = (stamp_ns - before_ns) * 1e-9
    if not 0 < seconds < _MAX_GAP:
        return False
    way = np.linalg.norm(pose.translation - before.translation)
    cosine = (np.vdot(pose.rotation, before.rotation) - 1) / 2  # of the angle between both
    return bool(way < _MAX_SPEED * seconds
                and math.acos(min(max(cosine, -1.0), 1.0)) < _MAX_TURN * seconds)
