# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Subscriptions to the images of a camera and to its intrinsics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import time

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.field_of_view import in_words
from pose_machine_ros.errors import LateFrameError
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.io.messages import header_stamp_ns
from pose_machine_ros.ros.input.adaptive_subscription import AdaptiveSubscription, RELIABILITIES
from pose_machine_ros.ros.input.keep_last_queue import KeepLastQueue
from pose_machine_ros.ros.input.missing_messages import reason_for_missing_messages
from pose_machine_ros.ros.input.publisher_watch import PublisherWatch
from pose_machine_ros.ros.runtime.overrides import warn_about_unused_qos_overrides
from pose_machine_ros.ros.runtime.topics import destroy_on_failure
from pose_machine_ros.settings import check, setting
from pose_machine_ros.stamp_order import late_frame

_INFO_WAIT = 1.0  # seconds after the first image
_IMAGE_WAIT = 5.0  # seconds without images before a warning
_REPEAT = 30.0  # seconds between warnings
_TYPES = {'raw': Image, 'compressed': CompressedImage}
TRANSPORTS = tuple(_TYPES)
NO_INFO = 'the camera is not calibrated (no camera_info): distances are guesses'


@dataclass(frozen=True)
class InputConfig:
    """How to subscribe to images; camera_info always adapts to its publishers."""

    reliability: str = setting(
        'best_effort', 'Reliability of the subscription to images. auto follows the publishers; '
        'reliable receives only from reliable publishers', choices=RELIABILITIES)
    transport: str = setting(
        'raw', 'raw subscribes to image; compressed subscribes to image/compressed and accepts '
        'JPEG and PNG', choices=TRANSPORTS)
    rectified: bool = setting(
        False, 'The images are rectified (image_rect). The intrinsics are then P of camera_info, '
        'without distortion')

    def __post_init__(self) -> None:
        check(self)


class CameraSubscriber:
    """Keeps the newest message of `image` and of `camera_info`, and warns about missing ones.

    `subscribe` starts it. With the transport `compressed` the images come from `image/compressed`,
    the topic name that image_transport uses.
    """

    def __init__(self, node: Node, config: InputConfig = InputConfig(),
                 info: CameraInfo | None = None,
                 on_late: Callable[[LateFrameError], None] = lambda error: None,
                 max_gap: Callable[[], float] = lambda: 1.0) -> None:
        """Start unsubscribed, with the `info` that an earlier subscriber received, if any.

        Many drivers publish camera_info only once. `on_late` is called for each image that is older
        than the queued one. An image that is older by `max_gap()` seconds or more starts a new
        stream, as in StampOrder.
        """
        self._node = node
        self._config = config
        self.images: KeepLastQueue[Image | CompressedImage] = KeepLastQueue(self._is_older)
        self.info = info  # the newest
        self.publishers: tuple[str, ...] = ()  # full names of the nodes, if several publish images
        self._publisher_watch = PublisherWatch()
        self._on_late = on_late
        self._max_gap = max_gap
        self._first_image: float | None = None  # monotonic seconds
        self._last_arrival = time.monotonic()
        self._last_warning = float('-inf')
        self._warned: set[str] = set()  # subjects of warnings that are logged once
        self._subscriptions: list[AdaptiveSubscription] = []  # to camera_info and to images

    @property
    def is_subscribed(self) -> bool:
        """Whether it subscribes to images."""
        return bool(self._subscriptions)

    @property
    def topic(self) -> str:
        """Full name of the topic of the images."""
        suffix = '' if self._config.transport == 'raw' else f'/{self._config.transport}'
        return self._node.resolve_topic_name('image') + suffix

    def subscribe(self) -> None:
        """Subscribe, if not subscribed; raises InputError for invalid QoS overrides."""
        if self.is_subscribed:
            return
        self._last_arrival = time.monotonic()
        with destroy_on_failure(self._node):
            self._subscriptions = [
                AdaptiveSubscription(self._node, CameraInfo,
                                     self._node.resolve_topic_name('camera_info'), self._on_info,
                                     prefers_latched=self.info is None),
                AdaptiveSubscription(self._node, _TYPES[self._config.transport], self.topic,
                                     self._on_image, self._config.reliability)]
        if self._is_first_time('qos_overrides'):  # all topics of the node exist now
            warn_about_unused_qos_overrides(self._node)

    def unsubscribe(self) -> None:
        """Unsubscribe and drop the queued image."""
        while self._subscriptions:
            self._subscriptions.pop().close()
        self.images.clear()
        self.publishers = ()

    def configure(self, config: InputConfig) -> None:
        """Apply `config`; subscribe again if it changes while subscribed."""
        before, self._config = self._config, config
        if before != config and self.is_subscribed:
            self.unsubscribe()
            self.subscribe()

    def close(self) -> None:
        """Unsubscribe, and close the queue of images."""
        self.unsubscribe()
        self.images.close()

    @property
    def age(self) -> float:
        """Seconds since the newest image arrived, or since `subscribe`."""
        return time.monotonic() - self._last_arrival

    def camera(self, width: int, height: int, fov: float) -> Camera | None:
        """Return the camera for images of `width` x `height` px; None to wait for camera_info.

        Without camera_info, or if it is that of an uncalibrated camera, the camera has the
        field of view `fov`, radians; `calibrated` is False then, and `remark` gives the reason.
        Raises InputError for a camera_info that does not fit the images.
        """
        info = self.info
        if info is None:
            if self._first_image is None or time.monotonic() - self._first_image < _INFO_WAIT:
                return None
            self._warn_no_camera_info(fov)
            return Camera.from_fov(width, height, fov, NO_INFO)
        camera = Calibration.from_camera_info(info).camera(
            width, height, rectified=self._config.rectified, fov=fov)
        if camera.remark and self._is_first_time(camera.remark_kind):
            self._node.get_logger().warning(f'camera_info: {camera.remark}')
        return camera

    def seek_camera_info(self) -> None:
        """Adapt the QoS of camera_info until the first one arrives; call it several times a second.

        A latched one may come from a publisher that was discovered only now.
        """
        if self.info is None and self.is_subscribed:
            self._subscriptions[0].update_qos()

    def watch(self) -> None:
        """Adapt the QoS; warn about missing images and about several cameras on one topic.

        Call it about once a second.
        """
        if not self.is_subscribed:
            return
        for subscription in self._subscriptions:
            subscription.update_qos()
        now = time.monotonic()
        self._warn_about_several_publishers(now)
        if now - self._last_arrival < _IMAGE_WAIT or now - self._last_warning < _REPEAT:
            return
        self._last_warning = now
        self._node.get_logger().warning(
            f'no image on {self.topic} for {now - self._last_arrival:.0f} s: '
            f'{reason_for_missing_messages(self._node, "image", self._subscriptions[-1])}')

    def _warn_about_several_publishers(self, now: float) -> None:
        self.publishers = self._publisher_watch.update(
            self._subscriptions[-1].matched_publishers(), now)
        if self.publishers and self._is_first_time(f'publishers {self.publishers}'):
            self._node.get_logger().warning(
                f'several nodes publish {self.topic}: {", ".join(self.publishers)}. Tracking fails '
                'because their images are treated as those of one camera: give each camera its own '
                'topic and pose machine node, or stop the other nodes')

    def _on_image(self, message: Image | CompressedImage) -> None:
        self._last_arrival = time.monotonic()
        if self._first_image is None:
            self._first_image = self._last_arrival
        if (newer := self.images.put(message)) is not None:
            self._on_late(late_frame(*(header_stamp_ns(m.header) for m in (message, newer))))

    def _is_older(self, image: Image | CompressedImage, queued: Image | CompressedImage) -> bool:
        """Return whether an image is late; without a stamp it is not."""
        behind_ns = header_stamp_ns(queued.header) - header_stamp_ns(image.header)
        return ((0, 0) < _stamp(image) < _stamp(queued)
                and behind_ns < round(self._max_gap() * 1e9))

    def _on_info(self, message: CameraInfo) -> None:
        self.info = message

    def _warn_no_camera_info(self, fov: float) -> None:
        topic = self._node.resolve_topic_name('camera_info')
        for subscription in self._subscriptions[:1]:  # empty if another thread unsubscribes now
            if self._is_first_time('no camera_info'):
                reason = reason_for_missing_messages(self._node, 'camera_info', subscription)
                self._node.get_logger().warning(
                    f'no camera_info on {topic}: {reason}. Until it arrives, a field of view of '
                    f'{in_words(fov)} is assumed (parameter fov), and distances are guesses')

    def _is_first_time(self, subject: str) -> bool:
        is_first = subject not in self._warned
        self._warned.add(subject)
        return is_first


def _stamp(image: Image | CompressedImage) -> tuple[int, int]:
    """Return the stamp as a sortable tuple, also for more nanoseconds than a second has."""
    return image.header.stamp.sec, image.header.stamp.nanosec
