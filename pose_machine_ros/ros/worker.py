# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The thread that runs the pose machine on images and publishes the results."""

from __future__ import annotations

from collections.abc import Callable
import time

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import LateFrameError
from pose_machine_ros.lifting.placement import CameraPath
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.ros.conversions.images import image_to_bgr
from pose_machine_ros.ros.conversions.stamps import stamp_of
from pose_machine_ros.ros.health.statistics import FrameStatistics
from pose_machine_ros.ros.input.camera_floor import CameraFloor
from pose_machine_ros.ros.input.camera_placement import CameraPlacement
from pose_machine_ros.ros.input.depth_source import DepthSource
from pose_machine_ros.ros.input.header_monitor import HeaderMonitor
from pose_machine_ros.ros.input.subscriber import CameraSubscriber
from pose_machine_ros.ros.output.output import FrameResult
from pose_machine_ros.ros.output.outputs import Outputs
from pose_machine_ros.ros.worker_thread import WorkerThread


class FrameWorker(WorkerThread):
    """Processes the newest image of a camera repeatedly, in its own thread.

    From `start` until `stop` returns True only this thread calls `step` and `reset` of the machine.
    An image that cannot be used is logged and counted, and the next one is processed.
    """

    def __init__(self, node: Node, machine: PoseMachine, camera: CameraSubscriber,
                 outputs: Outputs, statistics: FrameStatistics,
                 fov: Callable[[], float], placement: CameraPlacement,
                 depth: DepthSource | None = None) -> None:
        """Make the thread; `fov` returns the field of view, radians, of uncalibrated cameras."""
        super().__init__('pose_machine', node.get_logger(), camera.images, statistics,
                         'image skipped')
        self.camera: Camera | None = None  # of the newest image
        self._node = node
        self._machine = machine
        self._source = camera
        self._outputs = outputs
        self._fov = fov
        self._placement = placement
        self._depth = depth
        self._path = CameraPath()
        self.floor = CameraFloor(self._logger, machine, placement)
        self._headers = HeaderMonitor(self._logger)

    def expect_gap(self) -> None:
        """Accept any stamp of the next image: the node takes no images for a while."""
        self._headers.expect_gap()

    def report_late(self, error: LateFrameError) -> None:
        """Count a late image, and log the first one."""
        self._statistics.count_late()
        self._logger.warning(
            f'{error}. Some drivers publish out of order now and then; otherwise look for a second '
            'camera on this topic, or for a clock that was set back. Further late images are '
            'counted and not logged', once=True)

    def _next(self) -> Image | CompressedImage | None:
        return self._source.images.get()

    def _recover(self) -> None:
        self._machine.reset()  # its state may include half of this frame

    def _reset(self) -> None:
        self._machine.reset()
        self._headers.expect_gap()
        self._outputs.clear()
        self._statistics.clear_people()

    def _process(self, message: Image | CompressedImage) -> None:
        header = message.header
        stamp_ns = stamp_of(header) or self._arrival_ns()
        image = image_to_bgr(message)
        height, width = image.shape[:2]
        camera = self._source.camera(width, height, self._fov())
        if camera is None:
            return
        self.camera = camera
        if self._headers.has_new_frame_id(header.frame_id):
            self._machine.reset()
            self.floor.restart()
            self._path = CameraPath()
        self.floor.find(header, stamp_ns)
        depth = None if self._depth is None else self._depth.find(header, stamp_ns, camera)
        began = time.perf_counter()
        skeletons = self._machine.step(image, stamp_ns, camera, depth)
        self.floor.add(skeletons)
        inference_ms = (time.perf_counter() - began) * 1e3
        if depth is not None:
            self._depth.count_share(self._machine.depth_share)
        self._headers.check_stamp(stamp_ns, self._machine.config.lifting.max_gap)
        if not self.is_enabled or self._source.images.is_closed:  # since the frame began
            return
        # Only now: transforms arrive later than images
        frame = self._placement.config.target_frame  # which may change at any time
        pose = self._placement.pose_in(frame, header, stamp_ns)
        placed = None if pose is None else self._place(skeletons, stamp_ns, frame, pose)
        latency_ns = self._node.get_clock().now().nanoseconds - stamp_ns
        self._outputs.publish(FrameResult(
            skeletons, header, image, camera, latency_ns,
            frame_id=frame, pose=pose, placed=placed))
        people = sum(s.state.is_active for s in skeletons)
        self._statistics.count_processed(latency_ns * 1e-6, inference_ms, people)

    def _place(self, skeletons: list[Skeleton], stamp_ns: int, frame: str, pose: RigidTransform
               ) -> list[Skeleton] | None:
        """Return the skeletons in a frame in which the camera has a pose; None without a frame."""
        if not frame:
            return None
        if frame != self._path.frame:
            self._path = CameraPath(frame)
        self._path.add(stamp_ns, pose)
        return [self._path.place(s) for s in skeletons]

    def _arrival_ns(self) -> int:
        self._logger.warning(
            'images have no stamp: the time of arrival is used. Let the driver set header.stamp',
            once=True)
        return self._node.get_clock().now().nanoseconds
