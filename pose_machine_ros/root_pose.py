# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pose of a person's trunk with its covariance, as geometry_msgs/PoseWithCovariance has it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pose_machine_ros.body_frame import body_frame, BodyFrame, TRUNK
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import HUMAN36M_17

_PELVIS = HUMAN36M_17.index('pelvis')
_UP = np.array((-0.5, -0.5, 0.5, 0.5))  # shares of the joints of TRUNK in the vector of the trunk
_LEFT = np.array((1.0, -1.0, 1.0, -1.0))  # and in the vector to its left


class RootPose(NamedTuple):
    """Pose of the pelvis in the frame of the skeleton; NaN where unknown."""

    position: tuple[float, float, float]  # metres
    quaternion: tuple[float, float, float, float]  # x, y, z, w; axes of BodyFrame
    covariance: np.ndarray  # (6, 6) x, y, z, rotations about the fixed x, y, z; metres, radians


def root_pose(skeleton: Skeleton, viewpoint: np.ndarray | None) -> RootPose:
    """Return the pose of a person's trunk.

    `viewpoint` (3,) is the position of the camera, metres, if a single one sees the person. Then
    the uncertainty of the person's size moves the whole body along the view, and does not turn it.
    The covariance of position and rotation with each other is not estimated; it is 0.
    """
    position, covariance = (np.nan,) * 3, np.full((6, 6), np.nan)
    pelvis = skeleton.xyz[_PELVIS]
    if skeleton.joint_scores[_PELVIS] > 0 and np.isfinite(pelvis).all():
        position = tuple(pelvis.tolist())
        covariance[:3, :3] = skeleton.covariance[_PELVIS]
    frame = body_frame(skeleton)
    if frame is None:
        return RootPose(position, (np.nan,) * 4, covariance)
    covariance[3:, 3:] = _rotation_covariance(frame, skeleton, viewpoint)
    covariance[:3, 3:] = covariance[3:, :3] = 0
    return RootPose(position, frame.quaternion(), covariance)


def _rotation_covariance(frame: BodyFrame, skeleton: Skeleton,
                         viewpoint: np.ndarray | None) -> np.ndarray:
    """Return the covariance (3, 3) of small rotations about fixed axes, radians squared.

    Propagated to first order from the covariances of hips and shoulders, whose errors are taken for
    independent.
    """
    joints = skeleton.xyz[TRUNK].astype(np.float64)
    covariance = skeleton.covariance[TRUNK].astype(np.float64)
    if viewpoint is not None and np.isfinite(skeleton.stature_sigma):
        away = (joints - viewpoint) * (skeleton.stature_sigma / skeleton.stature)
        covariance -= away[:, :, None] * away[:, None]
    x, y, z = frame.axes.T
    up, left = (_UP @ joints) @ z, _LEFT @ joints  # the trunk is along z
    # The trunk moves by d: z turns by x.d / up about y, and by -y.d / up about x. The left moves by
    # e, and stays perpendicular to x: x turns about z by what is left.
    about_y = x / up
    turns = np.zeros((2, 3, 3))  # by a unit of d and of e, about the axes of the frame
    turns[0] = -y / up, about_y, about_y * (left @ z) / (left @ y)
    turns[1, 2] = -x / (left @ y)
    by_joint = frame.axes @ (
        _UP[:, None, None] * turns[0] + _LEFT[:, None, None] * turns[1])  # (4, 3, 3)
    return (by_joint @ covariance @ by_joint.swapaxes(1, 2)).sum(0)
