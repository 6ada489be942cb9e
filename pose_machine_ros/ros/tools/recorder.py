# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A recorder that writes a camera and its skeletons to a rosbag2 bag, the images as JPEG."""

from __future__ import annotations

import json
from pathlib import Path

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, Image
from visualization_msgs.msg import MarkerArray

from pose_machine_msgs.msg import Skeleton3DArray, SkeletonModel
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.bags import BagWriter
from pose_machine_ros.ros.conversions.images import bgr_to_jpeg, image_to_bgr
from pose_machine_ros.ros.runtime.process import run_node
from pose_machine_ros.ros.runtime.qos import LATCHED

_JPEG_QUALITY = 85  # percent
_STATUS_PERIOD = 0.25  # seconds
_QUEUE = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)


class Recorder(Node):
    """Records `image`, `camera_info` and the topics of the node `pose_machine`.

    Several times a second it prints a line of JSON: the number of messages of each kind, and the
    people and the latency of the newest result.
    """

    def __init__(self) -> None:
        """Declare the parameters."""
        super().__init__('recorder')
        self.declare_parameter('bag', '', ParameterDescriptor(
            description='Folder to write; it must not exist', read_only=True))
        self._counts = {'images': 0, 'skeletons': 0, 'markers': 0, 'people': 0,
                        'latency_ms': 0.0}

    def configure(self) -> None:
        """Create the bag; raises InputError for a folder that exists."""
        path = self.get_parameter('bag').value
        if not path or Path(path).exists():
            raise InputError(f'parameter bag = {path!r} must name a folder that does not exist')
        self._bag = BagWriter(Path(path))

    def activate(self) -> None:
        """Subscribe, and start to record."""
        create = self.create_subscription
        self._entities = [
            create(Image, 'image', self._on_image, _QUEUE),
            create(CameraInfo, 'camera_info', self._on_info, _QUEUE),
            create(Skeleton3DArray, 'pose_machine/skeletons', self._on_skeletons, _QUEUE),
            create(MarkerArray, 'pose_machine/markers', self._on_markers, _QUEUE),
            create(SkeletonModel, 'pose_machine/skeleton_model', self._on_model, LATCHED),
            self.create_timer(_STATUS_PERIOD, self._report)]

    def deactivate(self) -> None:
        """Print the final counts."""
        self._report()

    def cleanup(self) -> None:
        """Close the bag."""
        self._bag.close()

    def _on_image(self, message: Image) -> None:
        self._counts['images'] += 1
        small = bgr_to_jpeg(image_to_bgr(message), message.header, _JPEG_QUALITY)
        self._write('/image/compressed', small)

    def _on_info(self, message: CameraInfo) -> None:
        self._write('/camera_info', message)

    def _on_skeletons(self, message: Skeleton3DArray) -> None:
        self._counts['skeletons'] += 1
        self._counts['people'] = len(message.skeletons)
        self._counts['latency_ms'] = round(Duration.from_msg(message.latency).nanoseconds * 1e-6, 1)
        self._write('/pose_machine/skeletons', message)

    def _on_markers(self, message: MarkerArray) -> None:
        self._counts['markers'] += 1
        self._write('/pose_machine/markers', message)

    def _on_model(self, message: SkeletonModel) -> None:
        self._write('/pose_machine/skeleton_model', message, latched=True)

    def _write(self, topic: str, message: object, latched: bool = False) -> None:
        package, _, _ = type(message).__module__.partition('.')
        self._bag.write(topic, f'{package}/msg/{type(message).__name__}',
                        self.get_clock().now().nanoseconds, serialize_message(message), latched)

    def _report(self) -> None:
        print(json.dumps(self._counts), flush=True)


def main(args: list[str] | None = None) -> int:
    """Record until SIGINT or SIGTERM; return the exit status."""
    return run_node(Recorder, args)
