# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""All that the node publishes about people."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from pose_machine_msgs.msg import Skeleton3DArray, SkeletonModel
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from pose_machine_ros.camera import Camera
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.ros import messages
from pose_machine_ros.ros.markers import MarkerConfig, MarkerWriter

_RESULTS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
_LATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE,
                      durability=DurabilityPolicy.TRANSIENT_LOCAL)
_FAREWELL = Duration(seconds=0.5)  # for the last markers to arrive


@dataclass(frozen=True)
class OutputConfig:
    """What is published, and how it looks."""

    markers: MarkerConfig = field(default_factory=MarkerConfig)


@dataclass(frozen=True)
class FrameResult:
    """What came of one image."""

    skeletons: list[Skeleton]
    header: Header  # the image's
    image: np.ndarray  # (H, W, 3) uint8, BGR
    camera: Camera  # that took it
    latency_ns: int  # image stamp to now


class Outputs:
    """Publishes what came of each image: `~/skeletons`, `~/markers`, and `~/skeleton_model` once.

    Every message has the header of its image.
    """

    def __init__(self, node: Node, config: OutputConfig = OutputConfig()) -> None:
        self._node = node
        self._writer = MarkerWriter(config.markers)
        self._header: Header | None = None  # of the newest frame
        self._skeletons = node.create_publisher(Skeleton3DArray, '~/skeletons', _RESULTS)
        self._markers = node.create_publisher(MarkerArray, '~/markers', _RESULTS)
        self._model = node.create_publisher(SkeletonModel, '~/skeleton_model', _LATCHED)
        self._model.publish(messages.model_message())

    @property
    def has_listeners(self) -> bool:
        """Whether anybody subscribes to a result."""
        return any(p.get_subscription_count() for p in (self._skeletons, self._markers))

    def configure(self, config: OutputConfig) -> None:
        """Let `config` hold from the next frame on."""
        self._writer.config = config.markers

    def publish(self, result: FrameResult) -> None:
        """Publish a frame's results."""
        self._header = result.header
        height, width = result.image.shape[:2]
        self._skeletons.publish(messages.skeletons_message(
            result.skeletons, result.header, width, height, result.latency_ns))
        self._markers.publish(self._writer.write(result.skeletons, result.header))

    def clear(self) -> None:
        """Take everybody off the viewers' screens."""
        if self._header is not None:
            self._markers.publish(self._writer.clear(self._header))

    def wait_until_sent(self) -> None:
        """Wait, for half a second at most, until viewers have what was published last."""
        self._markers.wait_for_all_acked(_FAREWELL)

    def close(self) -> None:
        """Destroy the publishers; what was not sent by then is lost."""
        for publisher in (self._skeletons, self._markers, self._model):
            self._node.destroy_publisher(publisher)
