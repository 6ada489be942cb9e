# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The depth image of a colour image: subscriptions, match in time, and registration."""

from __future__ import annotations

from dataclasses import dataclass, replace
import threading

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.depth.depth_image import are_equal, DepthImage
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.io.images.depth import decode_depth, read_depth
from pose_machine_ros.io.messages import header_stamp_ns
from pose_machine_ros.ros.conversions.stamps import stamp_of
from pose_machine_ros.ros.health.complaints import Complaints
from pose_machine_ros.ros.health.depth_summary import DepthSummary
from pose_machine_ros.ros.input.adaptive_subscription import AdaptiveSubscription
from pose_machine_ros.ros.input.depth_queue import DepthQueue
from pose_machine_ros.ros.input.missing_messages import reason_for_missing_messages
from pose_machine_ros.ros.input.transform_buffer import TransformBuffer
from pose_machine_ros.ros.runtime.topics import destroy_on_failure
from pose_machine_ros.settings import check, setting

_ABOUT = 'depth'
_PATIENCE = 1.0  # seconds with unusable depth images before a warning
_SILENCE = 2.0  # seconds without a depth image that fits, before a warning
_TYPES = {'raw': Image, 'compressedDepth': CompressedImage}
TRANSPORTS = tuple(_TYPES)


@dataclass(frozen=True)
class DepthInputConfig:
    """How to subscribe to depth images."""

    enabled: bool = setting(
        False, 'Subscribe to depth, depth images of the same camera or of one beside it, and use '
        'them for size, distance and joints')
    max_age: float = setting(
        0.05, 'Maximum time between a colour image and the depth image used with it', unit='s',
        bounds=(0.001, 1.0))
    transport: str = setting(
        'raw', 'raw subscribes to depth; compressedDepth subscribes to depth/compressedDepth',
        choices=TRANSPORTS)

    def __post_init__(self) -> None:
        check(self)


class DepthSource:
    """Finds the depth image for each colour image, and says why there is none.

    A depth image is registered if its frame_id, its size and its camera are those of the colour
    image. Otherwise its own CameraInfo and TF tell how it lies. Without depth the frame goes on.
    """

    def __init__(self, node: Node, config: DepthInputConfig = DepthInputConfig()) -> None:
        """Start unsubscribed."""
        self._node = node
        self._config = config
        self._queue: DepthQueue[Image | CompressedImage] = DepthQueue()
        self._info: CameraInfo | None = None
        self._subscriptions: list[AdaptiveSubscription] = []
        self._transforms: TransformBuffer | None = None
        self._needs_transforms = False
        self._complaints = Complaints(node.get_logger())
        self._lock = threading.Lock()
        self._counts = DepthSummary()
        self._shares: list[float] = []
        self._received_before = 0

    @property
    def topic(self) -> str:
        """Full name of the topic of the depth images."""
        suffix = '' if self._config.transport == 'raw' else f'/{self._config.transport}'
        return self._node.resolve_topic_name('depth') + suffix

    def open(self) -> None:
        """Subscribe, if enabled and not subscribed."""
        if self._subscriptions or not self._config.enabled:
            return
        info = self._node.resolve_topic_name('depth/camera_info')
        with destroy_on_failure(self._node):
            self._subscriptions = [
                AdaptiveSubscription(self._node, CameraInfo, info, self._on_info),
                AdaptiveSubscription(
                    self._node, _TYPES[self._config.transport], self.topic, self._on_image)]

    def close(self) -> None:
        """Unsubscribe, and forget the depth images and their camera."""
        while self._subscriptions:
            self._subscriptions.pop().close()
        transforms, self._transforms = self._transforms, None
        if transforms is not None:
            transforms.close()
        self._needs_transforms, self._info = False, None
        self._queue.clear()
        self._complaints.clear()

    def configure(self, config: DepthInputConfig) -> None:
        """Use other settings from now on."""
        before, self._config = self._config, config
        if self._subscriptions and config != replace(before, max_age=config.max_age):
            self.close()
            self.open()

    def watch(self) -> None:
        """Adapt the QoS, and warn if no depth image fits; call it about once a second."""
        for subscription in self._subscriptions:
            subscription.update_qos()
        if not self._subscriptions:
            return
        if self._needs_transforms and self._transforms is None:
            self._open_transforms()
        silence = None
        if self._queue.age > _SILENCE:
            reason = reason_for_missing_messages(self._node, 'depth', self._subscriptions[-1])
            silence = f'no image on {self.topic}: {reason}. People are found without depth'
        self._complaints.set(_ABOUT, 'silence', silence, after=_SILENCE)

    def _open_transforms(self) -> None:
        try:
            self._transforms = TransformBuffer(self._node)
        except InputError as error:
            self._complaints.set(_ABOUT, 'transforms', f'{error}. People are found without depth')

    def find(self, header: Header, stamp_ns: int, camera: Camera) -> DepthImage | None:
        """Return the depth image for a colour image of `camera`, None if there is none."""
        if not self._subscriptions:
            return None
        message = self._queue.find(stamp_ns, self._config.max_age)
        depth = None
        if message is not None:
            try:
                depth = self._depth_image(message, header, camera)
                self._complaints.set(_ABOUT, 'image', None)
            except InputError as error:
                self._complaints.set(
                    _ABOUT, 'image', f'{error}. People are found without depth', after=_PATIENCE)
        elif self._queue.age < _SILENCE:
            self._complaints.set(
                _ABOUT, 'match', f'no depth image is within depth.max_age = {self._config.max_age} '
                's of a colour image: let the driver synchronise both, or raise depth.max_age. '
                'People are found without depth', after=_SILENCE)
        if depth is not None:
            self._complaints.set(_ABOUT, 'match', None)
        with self._lock:
            counts = self._counts
            self._counts = replace(counts, frames=counts.frames + 1,
                                   matched=counts.matched + (depth is not None))
        return depth

    def count_share(self, share: float) -> None:
        """Note the share of the joints of a frame that had a depth; NaN without people."""
        if np.isfinite(share):
            with self._lock:
                self._shares.append(share)

    def summarize(self) -> DepthSummary | None:
        """Return the counts since the last call; None if depth is not enabled."""
        if not self._config.enabled:
            return None
        with self._lock:
            counts, self._counts = self._counts, DepthSummary()
            shares, self._shares = self._shares, []
            received = self._queue.received
            before, self._received_before = self._received_before, received
        return replace(counts, received=received - before,
                       share=float(np.mean(shares)) if shares else float('nan'),
                       problems=tuple(self._complaints.about(_ABOUT)))

    def _depth_image(self, message: Image | CompressedImage, colour: Header,
                     camera: Camera) -> DepthImage:
        """Return the depth image of a message; raises InputError if it cannot be used."""
        values = read_depth(message) if isinstance(message, Image) \
            else decode_depth(bytes(message.data), message.format)
        height, width = values.shape
        stamp_ns = stamp_of(message.header)
        frame, colour_frame = message.header.frame_id, colour.frame_id
        is_same_size = (width, height) == (camera.width, camera.height)
        info, transforms = self._info, self._transforms  # `close` may come meanwhile
        if info is None:
            if is_same_size and frame == colour_frame:
                return DepthImage(values, camera, stamp_ns)
            raise InputError(
                f'the depth image is {width}x{height} in frame {frame!r}, the colour image '
                f'{camera.width}x{camera.height} in {colour_frame!r}, and there is no camera_info '
                'of the depth camera: let the driver align depth to colour, or remap '
                'depth/camera_info')
        own = Calibration.from_camera_info(info).camera(width, height)
        if not own.calibrated:
            raise InputError(f'the depth camera is not calibrated ({own.remark}): let the driver '
                             'align depth to colour, or publish a calibration')
        if frame == colour_frame:
            is_registered = is_same_size and are_equal(own, camera)
            return DepthImage(values, camera if is_registered else own, stamp_ns)
        self._needs_transforms = True
        if transforms is None:
            raise InputError(f'the depth image is in frame {frame!r}, the colour image in '
                             f'{colour_frame!r}, and TF is not known yet')
        pose = transforms.lookup(colour_frame, frame, stamp_ns)
        return DepthImage(values, own, stamp_ns, pose)

    def _on_image(self, message: Image | CompressedImage) -> None:
        self._queue.put(header_stamp_ns(message.header), message)

    def _on_info(self, message: CameraInfo) -> None:
        self._info = message
