# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Results for a fusion node in the same process, without a message."""

from __future__ import annotations

from rclpy.node import Node

from pose_machine_ros.ros.conversions.camera_results import from_frame
from pose_machine_ros.ros.input.skeleton_inbox import SkeletonInbox
from pose_machine_ros.ros.output.output import FrameResult, Output


class FusionInput(Output):
    """Hands the result of each frame to the inbox of a fusion node."""

    is_in_image = True  # the fusion finds out where the camera is

    def __init__(self, node: Node, inbox: SkeletonInbox, topic: str) -> None:
        """`topic` is that of the same results as messages; it names the source."""
        super().__init__(node)
        self._inbox = inbox
        self._topic = topic

    @property
    def has_subscribers(self) -> bool:
        """Whether the fusion node works."""
        return self._inbox.is_wanted

    def publish(self, result: FrameResult) -> None:
        """Hand over the people of a frame."""
        if self.has_subscribers:
            self._inbox.put(self._topic, from_frame(result))
