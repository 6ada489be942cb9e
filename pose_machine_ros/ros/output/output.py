# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the node's outputs have in common."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions
from std_msgs.msg import Header

from pose_machine_ros.camera import Camera
from pose_machine_ros.pose import Skeleton

RESULTS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
_OVERRIDES = QoSOverridingOptions.with_default_policies()


@dataclass(frozen=True)
class FrameResult:
    """What came of one image."""

    skeletons: list[Skeleton]
    header: Header  # the image's
    image: np.ndarray  # (H, W, 3) uint8, BGR
    camera: Camera  # that took it
    latency_ns: int  # image stamp to now


def advertise(node: Node, kind: type, topic: str, qos: QoSProfile = RESULTS) -> Publisher:
    """Create a publisher whose QoS users can override, by parameters `qos_overrides`."""
    # rclpy writes the overrides into the profile that it is given
    return node.create_publisher(kind, topic, copy(qos), qos_overriding_options=_OVERRIDES)


class Output:
    """A view of each frame's result, and the topics it goes to; every message has its header."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.publishers: list[Publisher] = []  # as long as this is open

    @property
    def has_listeners(self) -> bool:
        """Whether anybody subscribes to what this publishes of each frame."""
        return any(p.get_subscription_count() for p in self.publishers)

    def publish(self, result: FrameResult) -> None:
        """Publish what came of a frame."""
        raise NotImplementedError

    def clear(self, header: Header) -> None:
        """Tell subscribers that nobody is there any more, where they keep what they got."""

    def close(self) -> None:
        """Destroy the publishers; what was not sent by then is lost."""
        while self.publishers:
            self._node.destroy_publisher(self.publishers.pop())

    def _advertise(self, kind: type, topic: str, qos: QoSProfile = RESULTS) -> Publisher:
        publisher = advertise(self._node, kind, topic, qos)
        self.publishers.append(publisher)
        return publisher
