# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Contents of ROS messages, of rclpy or of rosbags, read without ROS."""

from __future__ import annotations

from typing import Any

import numpy as np

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.pose import Skeleton, Space, TrackingState
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, convert_rays, HUMAN36M_17


def header_stamp_ns(header: Any) -> int:
    """Return the stamp of a std_msgs/Header in nanoseconds."""
    return header.stamp.sec * 10**9 + header.stamp.nanosec


def pose_from_message(message: Any) -> RigidTransform:
    """Return a geometry_msgs/Pose; raises InputError if it is not one."""
    rotation, position = message.orientation, message.position
    return RigidTransform.from_quaternion(
        np.array([rotation.x, rotation.y, rotation.z, rotation.w]),
        np.array([position.x, position.y, position.z]))


def skeletons_from_message(message: Any) -> list[Skeleton]:
    """Return the skeletons of a Skeleton3DArray.

    Of the 2D keypoints and their rays, the message holds those that are joints of HUMAN36M_17 too;
    the others are NaN. `body_frame` and `joint_orientations` give root and orientations again.
    """
    return [_skeleton(s) for s in message.skeletons]


def _skeleton(message: Any) -> Skeleton:
    joints = message.joints

    def points(name: str) -> np.ndarray:
        return np.array([[getattr(getattr(j, name), axis) for axis in 'xyz'] for j in joints],
                        np.float32)

    def covariances(name: str) -> np.ndarray:
        return np.array([getattr(j, name) for j in joints], np.float32).reshape(-1, 3, 3)

    scores = np.array([j.score for j in joints], np.float32)
    seen = np.array([[j.u, j.v, j.keypoint_score] for j in joints], np.float32)
    rays = np.array([j.ray for j in joints], np.float32)
    roi = message.roi
    box = np.array([roi.x_offset, roi.y_offset, roi.x_offset + roi.width,
                    roi.y_offset + roi.height], np.float32)
    if not roi.width or not roi.height:
        box[:] = np.nan
    return Skeleton(
        message.id, TrackingState(message.tracking_state), Space(message.space),
        points('position'), covariances('position_covariance'), points('velocity'), scores,
        message.score, convert_keypoints(seen, HUMAN36M_17, COCO_17), box,
        message.reprojection_error, message.correction,
        convert_rays(rays, HUMAN36M_17, COCO_17), message.stature, message.stature_sigma,
        covariances('velocity_covariance'))
