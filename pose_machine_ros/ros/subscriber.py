# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The newest image of a camera topic, and the camera that took it."""

from __future__ import annotations

import time

from rclpy.node import Node
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from pose_machine_ros.camera import Camera
from pose_machine_ros.ros.cameras import camera_from_info
from pose_machine_ros.ros.mailbox import Mailbox

_INFO_WAIT = 1.0  # seconds after the first image
_IMAGE_WAIT = 5.0  # seconds without images before the user is told
_REPEAT = 30.0  # seconds between warnings
_TYPES = {'raw': Image, 'compressed': CompressedImage}
TRANSPORTS = tuple(_TYPES)


class CameraSubscriber:
    """Subscribes to `image` and `camera_info`, keeps the newest of each, tells what is missing.

    With the transport `compressed`, to `image/compressed`, the name image_transport gives it.
    """

    def __init__(self, node: Node, reliability: str, transport: str = 'raw') -> None:
        self._node = node
        self._reliability = ReliabilityPolicy[reliability.upper()]
        self.images: Mailbox[Image | CompressedImage] = Mailbox()
        self._info: CameraInfo | None = None
        self._first_image: float | None = None  # monotonic seconds
        self._last_arrival = time.monotonic()
        self._last_warning = float('-inf')
        self._told: set[str] = set()
        qos = QoSProfile(
            history=HistoryPolicy.KEEP_LAST, depth=1, reliability=self._reliability)
        self._info_subscription = node.create_subscription(
            CameraInfo, 'camera_info', self._on_info, qos)
        self._type = _TYPES[transport]
        topic = node.resolve_topic_name('image') + ('' if transport == 'raw' else f'/{transport}')
        self._image_subscription = node.create_subscription(
            self._type, topic, self._on_image, qos)

    def close(self) -> None:
        """Unsubscribe, and wake who waits for an image."""
        self._node.destroy_subscription(self._image_subscription)
        self._node.destroy_subscription(self._info_subscription)
        self.images.close()

    @property
    def age(self) -> float:
        """Seconds since the newest image arrived, or since the start."""
        return time.monotonic() - self._last_arrival

    def camera(self, width: int, height: int, fov_degrees: float) -> Camera | None:
        """Return the camera of images of `width` x `height` px; None while it may yet be told.

        Without camera_info, or with one of an uncalibrated camera, it is guessed from the field of
        view. Raises InputError for a camera_info that doesn't fit.
        """
        info = self._info
        if info is None:
            if self._first_image is None or time.monotonic() - self._first_image < _INFO_WAIT:
                return None
            topic = self._info_subscription.topic_name
            self._warn_once(
                f'no camera_info on {topic}: assuming a field of view of {fov_degrees} degrees, so '
                'distances are guesses. Remap camera_info to the topic of your driver, or set '
                'fov_degrees')
            return Camera.from_fov(width, height, fov_degrees)
        camera = camera_from_info(info, width, height, fov_degrees)
        if not camera.calibrated:
            self._warn_once(
                f'camera_info has no usable K: assuming a field of view of {fov_degrees} degrees, '
                'so distances are guesses. Calibrate the camera (camera_calibration), or set '
                'fov_degrees')
        return camera

    def watch(self) -> None:
        """Warn where images should come and don't; call about once a second."""
        now = time.monotonic()
        if now - self._last_arrival < _IMAGE_WAIT or now - self._last_warning < _REPEAT:
            return
        self._last_warning = now
        topic = self._image_subscription.topic_name
        publishers = self._node.get_publishers_info_by_topic(topic)
        expected = f'sensor_msgs/msg/{self._type.__name__}'
        alike = [p for p in publishers if p.topic_type == expected]
        if not publishers:
            reason = 'nobody publishes it. Start the camera driver, or remap image to its topic'
        elif not alike:
            reason = (f'it carries {publishers[0].topic_type}, not {expected}: remap image, or set '
                      'image.transport')
        elif self._reliability == ReliabilityPolicy.RELIABLE and all(
                p.qos_profile.reliability == ReliabilityPolicy.BEST_EFFORT for p in alike):
            reason = ('QoS does not match: it is published best effort, and image.reliability is '
                      'reliable. Set image.reliability:=best_effort')
        else:
            reason = (
                f'though it has {len(alike)} publisher(s). Where they are running, the transport '
                'loses them: with Fast DDS let FASTDDS_DEFAULT_PROFILES_FILE name '
                'config/fastdds.xml of this package, for the camera driver and for this node')
        self._node.get_logger().warning(
            f'no image on {topic} for {now - self._last_arrival:.0f} s: {reason}')

    def _on_image(self, message: Image | CompressedImage) -> None:
        self._last_arrival = time.monotonic()
        if self._first_image is None:
            self._first_image = self._last_arrival
        self.images.put(message)

    def _on_info(self, message: CameraInfo) -> None:
        self._info = message

    def _warn_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._node.get_logger().warning(text)
