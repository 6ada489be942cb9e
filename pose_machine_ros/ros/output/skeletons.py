# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The topic `~/skeletons`."""

from __future__ import annotations

from rclpy.node import Node

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.ros.conversions.skeletons import camera_message, skeletons_message
from pose_machine_ros.ros.output.output import FrameResult, Output


class SkeletonOutput(Output):
    """Publishes `~/skeletons`."""

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._publisher = self._advertise(Skeleton3DArray, '~/skeletons')

    def publish(self, result: FrameResult) -> None:
        """Publish all people of a frame, if there is a subscriber.

        The array is empty if there are no people.
        """
        if not self.has_subscribers:
            return
        cameras = result.cameras or [camera_message(result.header, result.camera, result.pose)]
        self._publisher.publish(skeletons_message(
            result.people, result.people_header, cameras, result.latency_ns, result.seen_by))
