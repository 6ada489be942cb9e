# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Contents of ROS messages, of rclpy or of rosbags, read without ROS."""

from __future__ import annotations

from typing import Any

import numpy as np

from pose_machine_ros.pose import Skeleton, Space, TrackingState
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, HUMAN36M_17


def header_stamp_ns(header: Any) -> int:
    """Return the stamp of a std_msgs/Header in nanoseconds."""
    return header.stamp.sec * 10**9 + header.stamp.nanosec


def skeletons_from_message(message: Any) -> list[Skeleton]:
    """Return the skeletons of a Skeleton3DArray.

    Of the 2D keypoints, the message holds those that are joints of HUMAN36M_17 too; the others are
    NaN.
    """
    return [_skeleton(s) for s in message.skeletons]


def _skeleton(message: Any) -> Skeleton:
    joints = message.joints

    def points(name: str) -> np.ndarray:
        return np.array([[getattr(getattr(j, name), axis) for axis in 'xyz'] for j in joints],
                        np.float32)

    scores = np.array([j.score for j in joints], np.float32)
    seen = np.array([[j.u, j.v, s] for j, s in zip(joints, scores)], np.float32)
    roi = message.roi
    box = np.array([roi.x_offset, roi.y_offset, roi.x_offset + roi.width,
                    roi.y_offset + roi.height], np.float32)
    covariance = np.array([j.position_covariance for j in joints], np.float32)
    return Skeleton(
        message.id, TrackingState(message.tracking_state), Space(message.space),
        points('position'), covariance.reshape(-1, 3, 3), points('velocity'), scores,
        message.score, convert_keypoints(seen, HUMAN36M_17, COCO_17), box,
        message.reprojection_error, message.correction)
