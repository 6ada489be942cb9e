# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Transforms to publish on TF."""

from __future__ import annotations

from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from rclpy.time import Time

from pose_machine_ros.camera.rigid_transform import RigidTransform


def stamped(parent: str, child: str, pose: RigidTransform, stamp_ns: int) -> TransformStamped:
    """Return the message of the pose of `child` in `parent`."""
    (x, y, z), (qx, qy, qz, qw) = pose.translation.tolist(), pose.quaternion()
    message = TransformStamped(child_frame_id=child, transform=Transform(
        translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw)))
    message.header.frame_id = parent
    message.header.stamp = Time(nanoseconds=stamp_ns).to_msg()
    return message
