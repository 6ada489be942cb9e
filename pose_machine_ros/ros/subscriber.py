# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The newest image of a camera topic, and the camera that took it."""

from __future__ import annotations

from dataclasses import dataclass
import time

from rclpy.node import Node
from rclpy.qos import HistoryPolicy, QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from pose_machine_ros.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.cameras import camera_from_info
from pose_machine_ros.ros.mailbox import Mailbox
from pose_machine_ros.ros.silence import reason_for_silence
from pose_machine_ros.ros.topics import all_or_none

_INFO_WAIT = 1.0  # seconds after the first image
_IMAGE_WAIT = 5.0  # seconds without images before the user is told
_REPEAT = 30.0  # seconds between warnings
_TYPES = {'raw': Image, 'compressed': CompressedImage}
TRANSPORTS = tuple(_TYPES)
_BEST_EFFORT, _RELIABLE = ReliabilityPolicy.BEST_EFFORT, ReliabilityPolicy.RELIABLE
RELIABILITIES = ('auto', 'best_effort', 'reliable')
# Reliability is not among them: it follows the publishers, and an override is for good.
_OVERRIDES = QoSOverridingOptions(
    (QoSPolicyKind.HISTORY, QoSPolicyKind.DEPTH, QoSPolicyKind.DURABILITY))


@dataclass(frozen=True)
class InputConfig:
    """How images are subscribed to."""

    reliability: str = 'best_effort'  # one of RELIABILITIES; 'auto' is the publishers'
    transport: str = 'raw'  # one of TRANSPORTS
    rectified: bool = False  # whether lens distortion has been taken out of the images

    def __post_init__(self) -> None:
        for name, choices in (('reliability', RELIABILITIES), ('transport', TRANSPORTS)):
            if getattr(self, name) not in choices:
                raise InputError(f'image.{name} = {getattr(self, name)!r} is unknown; '
                                 f'choose one of {", ".join(choices)}')


class CameraSubscriber:
    """Subscribes to `image` and `camera_info`, keeps the newest of each, tells what is missing.

    Takes none before `subscribe`. With the transport `compressed`, to `image/compressed`, the name
    that image_transport gives it.
    """

    def __init__(self, node: Node, config: InputConfig = InputConfig(),
                 info: CameraInfo | None = None) -> None:
        """Begin with the `info` that an earlier one got: many drivers send it once."""
        self._node = node
        self._config = config
        self.images: Mailbox[Image | CompressedImage] = Mailbox()
        self.info = info  # the newest
        self._first_image: float | None = None  # monotonic seconds
        self._last_arrival = time.monotonic()
        self._last_warning = float('-inf')
        self._told: set[str] = set()
        self._subscriptions: list[Subscription] = []

    @property
    def is_subscribed(self) -> bool:
        """Whether images are wanted."""
        return bool(self._subscriptions)

    @property
    def topic(self) -> str:
        """Return the name that images come on."""
        suffix = '' if self._config.transport == 'raw' else f'/{self._config.transport}'
        return self._node.resolve_topic_name('image') + suffix

    def subscribe(self) -> None:
        """Want images, where they are not wanted yet; InputError where overrides forbid it."""
        if self.is_subscribed:
            return
        self._last_arrival = time.monotonic()
        with all_or_none(self._node):
            self._subscriptions = [
                self._node.create_subscription(
                    kind, topic, callback,
                    QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=1,
                               reliability=self._reliability(topic)),
                    qos_overriding_options=_OVERRIDES)
                for kind, topic, callback in (
                    (CameraInfo, self._node.resolve_topic_name('camera_info'), self._on_info),
                    (_TYPES[self._config.transport], self.topic, self._on_image))]

    def unsubscribe(self) -> None:
        """Want no images any more, not even the one that waits."""
        while self._subscriptions:
            self._node.destroy_subscription(self._subscriptions.pop())
        self.images.clear()

    def configure(self, config: InputConfig) -> None:
        """Subscribe in another way, where images are wanted."""
        before, self._config = self._config, config
        if before != config and self.is_subscribed:
            self.unsubscribe()
            self.subscribe()

    def close(self) -> None:
        """Unsubscribe, and wake who waits for an image."""
        self.unsubscribe()
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
        info = self.info
        if info is None:
            if self._first_image is None or time.monotonic() - self._first_image < _INFO_WAIT:
                return None
            self._tell_no_info(fov_degrees)
            return Camera.from_fov(width, height, fov_degrees)
        camera = camera_from_info(info, width, height, fov_degrees, self._config.rectified)
        if not camera.calibrated and self._is_news('no usable K'):
            self._node.get_logger().warning(
                f'camera_info has no usable K: assuming a field of view of {fov_degrees} degrees, '
                'so distances are guesses. Calibrate the camera (camera_calibration), or set '
                'fov_degrees')
        return camera

    def watch(self) -> None:
        """Follow the publishers, and warn where images should come and don't.

        Call about once a second.
        """
        if any(s.qos_profile.reliability != self._reliability(s.topic_name)
               for s in self._subscriptions):
            self.unsubscribe()
            self.subscribe()
        now = time.monotonic()
        if not self.is_subscribed or now - self._last_arrival < _IMAGE_WAIT \
                or now - self._last_warning < _REPEAT:
            return
        self._last_warning = now
        self._node.get_logger().warning(
            f'no image on {self.topic} for {now - self._last_arrival:.0f} s: '
            f'{reason_for_silence(self._node, "image", self.topic, self._subscriptions[-1])}')

    def _reliability(self, topic: str) -> ReliabilityPolicy:
        if self._config.reliability != 'auto':
            return ReliabilityPolicy[self._config.reliability.upper()]
        offered = {p.qos_profile.reliability
                   for p in self._node.get_publishers_info_by_topic(topic)}
        return _RELIABLE if offered == {_RELIABLE} else _BEST_EFFORT

    def _on_image(self, message: Image | CompressedImage) -> None:
        self._last_arrival = time.monotonic()
        if self._first_image is None:
            self._first_image = self._last_arrival
        self.images.put(message)

    def _on_info(self, message: CameraInfo) -> None:
        self.info = message

    def _tell_no_info(self, fov_degrees: float) -> None:
        topic = self._node.resolve_topic_name('camera_info')
        for subscription in self._subscriptions[:1]:  # none where it unsubscribes at this moment
            if self._is_news('no camera_info'):
                reason = reason_for_silence(self._node, 'camera_info', topic, subscription)
                self._node.get_logger().warning(
                    f'no camera_info on {topic}: {reason}. Until it comes, a field of view of '
                    f'{fov_degrees} degrees is assumed (fov_degrees), and distances are guesses')

    def _is_news(self, subject: str) -> bool:
        is_news = subject not in self._told
        self._told.add(subject)
        return is_news
