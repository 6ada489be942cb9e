# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A recorder that writes a camera and its skeletons to a rosbag2 bag, the images as JPEG."""

from __future__ import annotations

from collections import deque
import functools
import json
from pathlib import Path
import time

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from visualization_msgs.msg import MarkerArray

from pose_machine_msgs.msg import Skeleton3DArray, SkeletonModel
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.bags import BagWriter
from pose_machine_ros.ros.conversions.images import bgr_to_jpeg, image_to_bgr
from pose_machine_ros.ros.runtime.process import run_node
from pose_machine_ros.ros.runtime.qos import LATCHED

_JPEG_QUALITY = 85  # percent
_STATUS_PERIOD = 0.25  # seconds
_COMPRESSION_PERIOD = 0.1  # seconds
_COMPRESSION_SECONDS = 0.1  # at a time; then messages that have arrived are written
_ERROR_PERIOD = 5.0
_IDLE_SECONDS = 0.5  # without an image
_MAX_PENDING_BYTES = 2**27
_QUEUE = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
# By topic
_TYPES = {'image': Image, 'camera_info': CameraInfo, 'pose_machine/skeletons': Skeleton3DArray,
          'pose_machine/markers': MarkerArray, 'pose_machine/skeleton_model': SkeletonModel}
_IMAGE, _SKELETONS, _MARKERS, _MODEL = (
    'image', 'pose_machine/skeletons', 'pose_machine/markers', 'pose_machine/skeleton_model')


class Recorder(Node):
    """Records `image`, `camera_info` and the topics of the node `pose_machine`.

    It shares the processor with that node, so it writes messages as they arrive, in their
    serialized form. Images stay in memory until none has arrived for half a second, or until they
    take 128 MB, and are compressed then.

    Several times a second it prints a line of JSON: the number of messages of each kind, the number
    of images to be compressed, and the people and the latency of the newest result.
    """

    def __init__(self) -> None:
        """Declare the parameters."""
        super().__init__('recorder')
        self.declare_parameter('bag', '', ParameterDescriptor(
            description='Folder to write; it must not exist', read_only=True))
        self._counts = dict.fromkeys(_TYPES, 0)
        self._newest_skeletons: bytes | None = None
        self._pending: deque[tuple[int, bytes]] = deque()  # time of arrival in ns, image
        self._pending_bytes = 0
        self._last_image = 0.0  # monotonic seconds

    def configure(self) -> None:
        """Create the bag; raises InputError for a folder that exists."""
        path = self.get_parameter('bag').value
        if not path or Path(path).exists():
            raise InputError(f'parameter bag = {path!r} must name a folder that does not exist')
        self._bag = BagWriter(Path(path))

    def activate(self) -> None:
        """Subscribe, and start to record."""
        self._entities = [
            self.create_subscription(
                kind, topic, functools.partial(self._receive, topic),
                LATCHED if topic == _MODEL else _QUEUE, raw=True)
            for topic, kind in _TYPES.items()]
        self._entities += [self.create_timer(_STATUS_PERIOD, self._report),
                           self.create_timer(_COMPRESSION_PERIOD, self._compress_if_idle)]

    def deactivate(self) -> None:
        """Compress the images that are left, and print the final counts."""
        while self._pending:
            self._compress_oldest()
        self._report()

    def cleanup(self) -> None:
        """Close the bag."""
        self._bag.close()

    def _receive(self, topic: str, cdr: bytes) -> None:
        self._counts[topic] += 1
        arrival_ns = self.get_clock().now().nanoseconds
        if topic == _IMAGE:
            self._last_image = time.monotonic()
            self._pending.append((arrival_ns, cdr))
            self._pending_bytes += len(cdr)
            while self._pending_bytes > _MAX_PENDING_BYTES:
                self._compress_oldest()
            return
        if topic == _SKELETONS:
            self._newest_skeletons = cdr
        self._write(topic, _TYPES[topic], arrival_ns, cdr)

    def _compress_if_idle(self) -> None:
        now = time.monotonic()
        if now - self._last_image < _IDLE_SECONDS:
            return
        while self._pending and time.monotonic() - now < _COMPRESSION_SECONDS:
            self._compress_oldest()

    def _compress_oldest(self) -> None:
        arrival_ns, cdr = self._pending.popleft()
        self._pending_bytes -= len(cdr)
        image = deserialize_message(cdr, Image)
        try:
            jpeg = bgr_to_jpeg(image_to_bgr(image), image.header, _JPEG_QUALITY)
        except InputError as error:
            self.get_logger().error(f'image not recorded: {error}',
                                    throttle_duration_sec=_ERROR_PERIOD)
            return
        self._write('image/compressed', CompressedImage, arrival_ns, serialize_message(jpeg))

    def _write(self, topic: str, kind: type, arrival_ns: int, cdr: bytes) -> None:
        package, _, _ = kind.__module__.partition('.')
        self._bag.write(f'/{topic}', f'{package}/msg/{kind.__name__}', arrival_ns, cdr,
                        latched=topic == _MODEL)

    def _report(self) -> None:
        people, latency_ms = 0, 0.0
        if self._newest_skeletons is not None:
            newest = deserialize_message(self._newest_skeletons, Skeleton3DArray)
            people = len(newest.skeletons)
            latency_ms = round(Duration.from_msg(newest.latency).nanoseconds * 1e-6, 1)
        print(json.dumps({
            'images': self._counts[_IMAGE], 'to_compress': len(self._pending),
            'skeletons': self._counts[_SKELETONS], 'markers': self._counts[_MARKERS],
            'people': people, 'latency_ms': latency_ms}), flush=True)


def main(args: list[str] | None = None) -> int:
    """Record until SIGINT or SIGTERM; return the exit status."""
    return run_node(Recorder, args)
