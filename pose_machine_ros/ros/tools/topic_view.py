# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A viewer of live topics in Rerun."""

from __future__ import annotations

import faulthandler
import time

from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from visualization_msgs.msg import MarkerArray

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.errors import PoseMachineError
from pose_machine_ros.io.message_cameras import cameras_from_message, seen_by_from_message
from pose_machine_ros.io.messages import header_stamp_ns, skeletons_from_message
from pose_machine_ros.rendering.camera_info_view import CameraInfoView
from pose_machine_ros.rendering.camera_topics import CameraTopics
from pose_machine_ros.rendering.rerun_view import RerunView
from pose_machine_ros.ros.conversions.images import image_to_bgr
from pose_machine_ros.ros.runtime.message_versions import publishers_of_another_version
from pose_machine_ros.ros.runtime.process import run_node
from pose_machine_ros.ros.runtime.qos import RESULT_QOS

_WAITING = 30  # images that may wait for their skeletons: 1 s at 30 Hz
_REPORT_PERIOD = 1.0  # seconds
_WARNING_DELAY = 5.0  # seconds from the start to warnings about missing topics
_SENSOR = QoSProfile(depth=_WAITING, reliability=ReliabilityPolicy.BEST_EFFORT)


class TopicView(Node):
    """Shows each skeleton message when it arrives, with the image of the same stamp.

    Once a second it prints how much it has shown, and warns about missing topics.
    """

    def __init__(self, topics: CameraTopics, view: RerunView, camera: CameraInfoView) -> None:
        super().__init__('pose_machine_view')
        self._topics, self._view, self._camera = topics, view, camera
        self._images: dict[int, Image | CompressedImage] = {}  # by stamp, not shown yet
        self._results: dict[int, None] = {}  # stamps of results whose image has not arrived
        self._results_shown = self._images_shown = 0
        self._has_image = True  # the results are of one camera
        self._reported = ''
        self._start = time.monotonic()
        self._warned: set[str] = set()

    def configure(self) -> None:
        """Do nothing: there is nothing to load."""

    def activate(self) -> None:
        """Subscribe."""
        image_type = CompressedImage if self._topics.image.endswith('/compressed') else Image
        create = self.create_subscription
        self._entities = [
            create(CameraInfo, self._topics.camera_info, self._on_info, _SENSOR),
            create(image_type, self._topics.image, self._on_image, _SENSOR),
            create(Skeleton3DArray, self._topics.skeletons, self._on_skeletons, RESULT_QOS),
            self.create_timer(_REPORT_PERIOD, self._report)]
        if self._topics.markers is not None:
            self._entities.append(create(
                MarkerArray, self._topics.markers, self._on_markers, RESULT_QOS))

    def deactivate(self) -> None:
        """Print the final counts."""
        self._report()

    def cleanup(self) -> None:
        """Do nothing: the caller owns the view."""

    def _on_image(self, message: Image | CompressedImage) -> None:
        stamp_ns = header_stamp_ns(message.header)
        self._camera.set_image_size(message)
        self._images[stamp_ns] = message
        self._show_pair(stamp_ns)

    def _on_skeletons(self, message: Skeleton3DArray) -> None:
        stamp_ns = header_stamp_ns(message.header)
        self._results_shown += 1
        cameras = cameras_from_message(message)
        self._has_image = len(cameras) <= 1
        self._view.log_skeletons(
            stamp_ns, skeletons_from_message(message), cameras, seen_by_from_message(message))
        self._results[stamp_ns] = None
        self._show_pair(stamp_ns)

    def _show_pair(self, stamp_ns: int) -> None:
        """Show the image of this stamp if its result has arrived; drop the oldest waiting ones."""
        if stamp_ns in self._images and stamp_ns in self._results:
            del self._results[stamp_ns]
            image = self._images.pop(stamp_ns)
            try:
                self._view.log_image(stamp_ns, bytes(image.data) if isinstance(
                    image, CompressedImage) else image_to_bgr(image))
                self._images_shown += 1
            except PoseMachineError as error:
                self._warn_once(f'{self._topics.image}: {error}')
        for waiting in (self._images, self._results):
            while len(waiting) > _WAITING:
                del waiting[next(iter(waiting))]

    def _on_info(self, message: CameraInfo) -> None:
        self._camera.show(header_stamp_ns(message.header), message)

    def _on_markers(self, message: MarkerArray) -> None:
        if message.markers:
            stamp_ns = header_stamp_ns(message.markers[0].header)
            self._view.log_markers(stamp_ns, message.markers)

    def _report(self) -> None:
        report = f'shown: {self._results_shown} results, {self._images_shown} images'
        if report != self._reported:
            self._reported = report
            print(report, flush=True)
        if time.monotonic() - self._start < _WARNING_DELAY:
            return
        if names := publishers_of_another_version(self, self._topics.skeletons):
            self._warn_once(f'{", ".join(names)} publishes {self._topics.skeletons} with another '
                            'version of pose_machine_msgs: install the same version on all '
                            'machines (docs/migration.md)')
        elif not self._results_shown:
            self._warn_once(f'nothing on {self._topics.skeletons} yet: start the node, or name its '
                            'topic with --namespace or --skeletons')
        elif not self._images_shown and self._has_image:
            self._warn_once(f'no image on {self._topics.image} with the stamp of a result: name '
                            "the node's image topic with --image")

    def _warn_once(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self.get_logger().warning(text)


def show_topics(topics: CameraTopics, view: RerunView, camera: CameraInfoView) -> None:
    """Show until SIGINT or SIGTERM."""
    run_node(lambda: TopicView(topics, view, camera), args=[])
    faulthandler.cancel_dump_traceback_later()  # writing a recording may take longer
