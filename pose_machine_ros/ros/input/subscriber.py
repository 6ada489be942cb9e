# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The newest image of a camera topic, and the camera that took it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import time

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from pose_machine_ros.camera import Camera
from pose_machine_ros.camera.field_of_view import in_words
from pose_machine_ros.errors import LateFrameError
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.io.messages import header_stamp_ns
from pose_machine_ros.ros.input.following_subscription import FollowingSubscription, RELIABILITIES
from pose_machine_ros.ros.input.mailbox import Mailbox
from pose_machine_ros.ros.input.publisher_watch import PublisherWatch
from pose_machine_ros.ros.input.silence import reason_for_silence
from pose_machine_ros.ros.runtime.overrides import warn_of_unused_qos
from pose_machine_ros.ros.runtime.topics import all_or_none
from pose_machine_ros.settings import check, setting
from pose_machine_ros.stamp_order import late_frame

_INFO_WAIT = 1.0  # seconds after the first image
_IMAGE_WAIT = 5.0  # seconds without images before the user is told
_REPEAT = 30.0  # seconds between warnings
_TYPES = {'raw': Image, 'compressed': CompressedImage}
TRANSPORTS = tuple(_TYPES)
NO_INFO = 'the camera is not calibrated (no camera_info): distances are guesses'


@dataclass(frozen=True)
class InputConfig:
    """How images are subscribed to; camera_info follows its publishers."""

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
    """Subscribes to `image` and `camera_info`, keeps the newest of each, tells what is missing.

    Takes none before `subscribe`. With the transport `compressed`, to `image/compressed`, the name
    that image_transport gives it.
    """

    def __init__(self, node: Node, config: InputConfig = InputConfig(),
                 info: CameraInfo | None = None,
                 on_late: Callable[[LateFrameError], None] = lambda error: None,
                 max_gap: Callable[[], float] = lambda: 1.0) -> None:
        """Begin with the `info` that an earlier one got: many drivers send it once.

        `on_late` is told of images that come after a newer one which still waits; one that is
        `max_gap()` seconds behind it or more is the first of another stream, as in StampOrder.
        """
        self._node = node
        self._config = config
        self.images: Mailbox[Image | CompressedImage] = Mailbox(self._is_older)
        self.info = info  # the newest
        self.publishers: tuple[str, ...] = ()  # full names of nodes, where several send images
        self._publisher_watch = PublisherWatch()
        self._on_late = on_late
        self._max_gap = max_gap
        self._first_image: float | None = None  # monotonic seconds
        self._last_arrival = time.monotonic()
        self._last_warning = float('-inf')
        self._told: set[str] = set()
        self._subscriptions: list[FollowingSubscription] = []  # of camera_info, and of images

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
                FollowingSubscription(self._node, CameraInfo,
                                      self._node.resolve_topic_name('camera_info'), self._on_info,
                                      seeks_kept=self.info is None),
                FollowingSubscription(self._node, _TYPES[self._config.transport], self.topic,
                                      self._on_image, self._config.reliability)]
        if self._is_news('qos_overrides'):  # of topics that are all open only now
            warn_of_unused_qos(self._node)

    def unsubscribe(self) -> None:
        """Want no images any more, not even the one that waits."""
        while self._subscriptions:
            self._subscriptions.pop().close()
        self.images.clear()
        self.publishers = ()

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

    def camera(self, width: int, height: int, fov: float) -> Camera | None:
        """Return the camera of images of `width` x `height` px; None while it may yet be told.

        Without camera_info, or with one of an uncalibrated camera, it is guessed from the field of
        view `fov`, radians; `calibrated` is False then, and `remark` says why. Raises InputError
        for a camera_info that does not fit.
        """
        info = self.info
        if info is None:
            if self._first_image is None or time.monotonic() - self._first_image < _INFO_WAIT:
                return None
            self._tell_no_info(fov)
            return Camera.from_fov(width, height, fov, NO_INFO)
        camera = Calibration.from_camera_info(info).camera(
            width, height, rectified=self._config.rectified, fov=fov)
        if camera.remark and self._is_news(camera.remark_kind):
            self._node.get_logger().warning(f'camera_info: {camera.remark}')
        return camera

    def seek_info(self) -> None:
        """Follow the publishers of camera_info while none came; call it some times a second.

        One that was sent before is kept by publishers that may be found only now.
        """
        if self.info is None and self.is_subscribed:
            self._subscriptions[0].follow()

    def watch(self) -> None:
        """Follow the publishers, and warn where images should come and don't, or of two cameras.

        Call about once a second.
        """
        if not self.is_subscribed:
            return
        for subscription in self._subscriptions:
            subscription.follow()
        now = time.monotonic()
        self._look_for_other_cameras(now)
        if now - self._last_arrival < _IMAGE_WAIT or now - self._last_warning < _REPEAT:
            return
        self._last_warning = now
        self._node.get_logger().warning(
            f'no image on {self.topic} for {now - self._last_arrival:.0f} s: '
            f'{reason_for_silence(self._node, "image", self._subscriptions[-1])}')

    def _look_for_other_cameras(self, now: float) -> None:
        self.publishers = self._publisher_watch.look(
            self._subscriptions[-1].heard_publishers(), now)
        if self.publishers and self._is_news(f'publishers {self.publishers}'):
            self._node.get_logger().warning(
                f'several nodes publish {self.topic}: {", ".join(self.publishers)}. Their images '
                'are taken for those of one camera, so people get lost: give each camera a topic '
                'and a pose machine of its own, or stop the others')

    def _on_image(self, message: Image | CompressedImage) -> None:
        self._last_arrival = time.monotonic()
        if self._first_image is None:
            self._first_image = self._last_arrival
        if (newer := self.images.put(message)) is not None:
            self._on_late(late_frame(*(header_stamp_ns(m.header) for m in (message, newer))))

    def _is_older(self, image: Image | CompressedImage, waiting: Image | CompressedImage) -> bool:
        """Tell whether an image comes late; without a stamp it does not."""
        behind_ns = header_stamp_ns(waiting.header) - header_stamp_ns(image.header)
        return ((0, 0) < _stamp(image) < _stamp(waiting)
                and behind_ns < round(self._max_gap() * 1e9))

    def _on_info(self, message: CameraInfo) -> None:
        self.info = message

    def _tell_no_info(self, fov: float) -> None:
        topic = self._node.resolve_topic_name('camera_info')
        for subscription in self._subscriptions[:1]:  # none where it unsubscribes at this moment
            if self._is_news('no camera_info'):
                reason = reason_for_silence(self._node, 'camera_info', subscription)
                self._node.get_logger().warning(
                    f'no camera_info on {topic}: {reason}. Until it comes, a field of view of '
                    f'{in_words(fov)} is assumed (parameter fov), and distances are guesses')

    def _is_news(self, subject: str) -> bool:
        is_news = subject not in self._told
        self._told.add(subject)
        return is_news


def _stamp(image: Image | CompressedImage) -> tuple[int, int]:
    """Return the stamp as it sorts by time, also with more nanoseconds than a second has."""
    return image.header.stamp.sec, image.header.stamp.nanosec
