# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The thread that runs the pose machine on images and publishes the results."""

from __future__ import annotations

from collections.abc import Callable
import threading
import time
import traceback

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import LateFrameError, PoseMachineError
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

# Seconds between two log lines of one call of `error`: a faulty camera fails with every image.
# rclpy throttles each call on its own, so that none hides another.
_ERROR_PERIOD = 5.0


class FrameWorker:
    """Processes the newest image of a camera repeatedly, in its own thread.

    From `start` until `stop` returns True only this thread calls `step` and `reset` of the machine.
    An image that cannot be used is logged and counted, and the next one is processed.
    """

    def __init__(self, node: Node, machine: PoseMachine, camera: CameraSubscriber,
                 outputs: Outputs, statistics: FrameStatistics,
                 fov: Callable[[], float], placement: CameraPlacement,
                 depth: DepthSource | None = None) -> None:
        """Make the thread; `fov` returns the field of view, radians, of uncalibrated cameras."""
        self.is_enabled = True  # False: discard the result of the current frame
        self.camera: Camera | None = None  # of the newest image
        self._node = node
        self._logger = node.get_logger()
        self._machine = machine
        self._source = camera
        self._outputs = outputs
        self._statistics = statistics
        self._fov = fov
        self._placement = placement
        self._depth = depth
        self._path = CameraPath()
        self.floor = CameraFloor(self._logger, machine, placement)
        self._headers = HeaderMonitor(self._logger)
        self._must_reset = threading.Event()
        self._began: float | None = None  # monotonic seconds; of the current frame
        self._thread = threading.Thread(target=self._run, name='pose_machine', daemon=True)

    @property
    def busy_seconds(self) -> float:
        """Seconds that the current frame has taken so far; 0 if there is none."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Close the queue of images and wait for the current frame.

        Returns whether the thread has ended, or never started, within `timeout` seconds.
        """
        self._source.images.close()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def forget_people(self) -> None:
        """Reset tracking before the next frame; the thread may be processing one now."""
        self._must_reset.set()
        self._source.images.wake()

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

    def _run(self) -> None:
        images = self._source.images
        while not images.is_closed:
            message = images.get()
            try:
                if self._must_reset.is_set() and not images.is_closed:
                    self._must_reset.clear()
                    self._reset()
                if message is not None:
                    self._began = time.monotonic()
                    self._process(message)
            except LateFrameError as error:
                self.report_late(error)
            except PoseMachineError as error:
                self._statistics.count_failed()
                self._logger.error(f'image skipped: {error}', throttle_duration_sec=_ERROR_PERIOD)
            except Exception:  # the next image may be fine, and the robot depends on this node
                self._statistics.count_failed()
                self._machine.reset()  # its state may include half of this frame
                self._logger.error(f'image skipped: {traceback.format_exc()}',
                                   throttle_duration_sec=_ERROR_PERIOD)
            finally:
                self._began = None

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
        pose, placed = self._place(skeletons, header, stamp_ns)
        latency_ns = self._node.get_clock().now().nanoseconds - stamp_ns
        self._outputs.publish(FrameResult(
            skeletons, header, image, camera, latency_ns,
            frame_id=self._placement.config.target_frame, pose=pose, placed=placed))
        people = sum(s.state.is_active for s in skeletons)
        self._statistics.count_processed(latency_ns * 1e-6, inference_ms, people)

    def _place(self, skeletons: list[Skeleton], header: Header, stamp_ns: int
               ) -> tuple[RigidTransform | None, list[Skeleton] | None]:
        """Return the pose of the camera in the target frame, and the skeletons there, if any."""
        pose = self._placement.pose_in_target(header, stamp_ns)
        if pose is None or not self._placement.config.target_frame:
            return pose, None
        self._path.add(stamp_ns, pose)
        return pose, [self._path.place(s) for s in skeletons]

    def _arrival_ns(self) -> int:
        self._logger.warning(
            'images have no stamp: the time of arrival is used. Let the driver set header.stamp',
            once=True)
        return self._node.get_clock().now().nanoseconds
