# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The cameras of a Skeleton3DArray, of rclpy or of rosbags, read without ROS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.io.messages import pose_from_message


@dataclass(frozen=True)
class MessageCamera:
    """A CameraView: one camera that took part in a message."""

    frame: str  # its optical frame
    pose: RigidTransform  # of the optical frame in the frame of the skeletons
    width: int  # px
    height: int  # px

    @property
    def is_at_origin(self) -> bool:
        """Whether the skeletons are in the optical frame of this camera."""
        return np.allclose(self.pose.rotation, np.eye(3)) and not self.pose.translation.any()


def cameras_of(views: Iterable[Any]) -> list[MessageCamera]:
    """Return the cameras of CameraView messages; raises InputError for a pose that is none."""
    return [_camera(view) for view in views]


def cameras_from_message(message: Any) -> list[MessageCamera]:
    """Return the cameras of a Skeleton3DArray; raises InputError for a pose that is none."""
    return cameras_of(message.cameras)


def seen_by_from_message(message: Any) -> list[list[int]]:
    """Return for each skeleton of a Skeleton3DArray which of its cameras see the person."""
    return [[int(i) for i in skeleton.seen_by] for skeleton in message.skeletons]


def _camera(view: Any) -> MessageCamera:
    return MessageCamera(
        view.header.frame_id, pose_from_message(view.pose), view.width, view.height)
