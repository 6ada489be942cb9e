# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The received images with skeletons, keypoints and ids drawn on them."""

from __future__ import annotations

from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image

from pose_machine_ros.rendering.overlay import draw_overlay
from pose_machine_ros.ros.conversions.images import bgr_to_image, bgr_to_jpeg
from pose_machine_ros.ros.output.output import FrameResult, Output

_LAST_ONLY = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)


class AnnotatedImageOutput(Output):
    """Publishes `~/annotated_image`, and as JPEG `~/annotated_image/compressed`.

    Draws only while a subscriber exists.
    """

    is_in_image = True

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._raw = self._advertise(Image, '~/annotated_image', _LAST_ONLY)
        self._jpeg = self._advertise(CompressedImage, '~/annotated_image/compressed',
                                     _LAST_ONLY)

    def publish(self, result: FrameResult) -> None:
        """Draw the people of a frame on its image, and publish it, if there is a subscriber."""
        if not self.has_subscribers:
            return
        annotated = draw_overlay(result.image, result.skeletons, result.camera)
        for publisher, encode in ((self._raw, bgr_to_image), (self._jpeg, bgr_to_jpeg)):
            if publisher.get_subscription_count():
                publisher.publish(encode(annotated, result.header))
