# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node: images of one camera in, skeletons and markers out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import itertools
import time

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo

from pose_machine_ros.devices import release_memory
from pose_machine_ros.errors import PoseMachineError
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.networks import NetworkPool
from pose_machine_ros.ros import parameters
from pose_machine_ros.ros.health.diagnostics import diagnostics_message, NodeHealth
from pose_machine_ros.ros.health.statistics import FrameStatistics
from pose_machine_ros.ros.input.camera_placement import CameraPlacement
from pose_machine_ros.ros.input.depth_source import DepthSource
from pose_machine_ros.ros.input.subscriber import CameraSubscriber
from pose_machine_ros.ros.output.output import advertise, Output
from pose_machine_ros.ros.output.outputs import Outputs
from pose_machine_ros.ros.runtime.process import run_node
from pose_machine_ros.ros.runtime.topics import destroy_on_failure
from pose_machine_ros.ros.runtime.working_node import (
    DIAGNOSTICS_PERIOD, LOG_PERIOD, SUBSCRIBE_PERIOD, WATCH_PERIOD, WorkingNode)
from pose_machine_ros.ros.worker import FrameWorker
from pose_machine_ros.weights import expected_sha256

_STOP_SECONDS = 2.0  # for the current frame


class PoseMachineNode(WorkingNode):
    """Runs the pose machine on the newest image.

    Subscribes to `image` and `camera_info` unless it is idle; publishes the topics of `Outputs`,
    and its health on `/diagnostics` once a second. The service `~/enable` pauses and resumes it,
    `~/reset` forgets all people. The image callback only queues the newest message; a thread, the
    `FrameWorker`, processes it. `configure` loads the networks, `activate` subscribes.
    """

    def __init__(self, pool: NetworkPool | None = None,
                 more_outputs: Callable[[Node], Sequence[Output]] = lambda node: (),
                 **options: object) -> None:
        """Declare the parameters; raises InputError for an invalid value.

        Nodes of one process may share a `pool` of networks; `options` are those of an rclpy node.
        `more_outputs` makes outputs beside those of `Outputs`.
        """
        super().__init__('pose_machine', **options)
        self._pool = pool
        self._more_outputs = more_outputs
        self.config = parameters.declare(self)
        self.autostart = self.config.autostart
        self.add_on_set_parameters_callback(self._on_set_parameters)
        self._machine: PoseMachine | None = None
        self._hangs = False  # whether a frame that never ended still uses the machine
        self._camera: CameraSubscriber | None = None
        self._placement: CameraPlacement | None = None
        self._depth: DepthSource | None = None
        self._worker: FrameWorker | None = None
        self._outputs: Outputs | None = None
        self._diagnostics_publisher: Publisher | None = None
        self._statistics = FrameStatistics('log', 'diagnostics')
        self._ids = map('p{}'.format, itertools.count(1))  # of people; none is used twice
        self._camera_info: CameraInfo | None = None  # the newest before the last deactivation

    def _do_configure(self) -> None:
        self._hangs = False
        self._machine = PoseMachine(
            self.config.machine, self._pool, self._ids, background=True)
        self._machine.warm_up(self.config.depth.enabled)
        self._weights = expected_sha256('lifter')[:12]
        self._outputs = Outputs(self, self.config.outputs, also=self._more_outputs(self))
        with destroy_on_failure(self):
            self._diagnostics_publisher = advertise(self, DiagnosticArray, '/diagnostics')

    def _do_cleanup(self) -> None:
        if self._outputs is not None:
            self._outputs.close()
        if self._diagnostics_publisher is not None:
            self.destroy_publisher(self._diagnostics_publisher)
        if self._machine is not None and not self._hangs:
            self._machine.close()
        self._outputs = self._diagnostics_publisher = self._machine = self._camera_info = None
        release_memory()

    def _do_activate(self) -> None:
        self._statistics.reset(time.monotonic())
        self._camera = CameraSubscriber(
            self, self.config.input, self._camera_info,
            lambda error: self._worker.report_late(error),
            lambda: self.config.machine.lifting.max_gap)
        self._placement = CameraPlacement(self, self.config.frames)
        self._depth = DepthSource(self, self.config.depth)
        self._worker = FrameWorker(self, self._machine, self._camera, self._outputs,
                                   self._statistics, lambda: self.config.fov, self._placement,
                                   self._depth)
        self._update_subscription()
        self._worker.start()
        self._start_services({
            self._update_subscription: SUBSCRIBE_PERIOD, self._camera.watch: WATCH_PERIOD,
            self._depth.watch: WATCH_PERIOD, self._publish_diagnostics: DIAGNOSTICS_PERIOD,
            self._log_statistics: LOG_PERIOD})
        self.get_logger().info(
            f'ready on {self._machine.device}, correction '
            f'{self.config.machine.lifting.correction}, 2D networks in {self._machine.backend}'
            f'{" with features" if self._machine.uses_features else ""}; '
            f'waiting for images on '
            f'{self.resolve_topic_name("image")}')

    def _do_deactivate(self) -> None:
        self._stop_services()
        if self._worker is None:
            return
        self._camera.close()
        self._placement.close()
        self._depth.close()
        self._camera_info = self._camera.info
        has_ended = self._worker.stop(_STOP_SECONDS)
        self._outputs.clear()
        self._outputs.wait_until_sent()
        if has_ended:
            self._machine.close()
        else:  # the thread still uses the machine
            self._hangs = True
            self.get_logger().error('the current frame does not finish: the device seems to hang; '
                                    'restart this process')
        self._camera = self._worker = self._placement = self._depth = None

    def _log_statistics(self) -> None:
        summary = self._statistics.summarize('log', time.monotonic(), *self._camera.images.counts)
        if (line := summary.line()) is not None:
            self.get_logger().info(line)

    def _publish_diagnostics(self) -> None:
        summary = self._statistics.summarize(
            'diagnostics', time.monotonic(), *self._camera.images.counts)
        camera = self._worker.camera
        health = NodeHealth(
            summary, self._camera.age, self._worker.busy_seconds, self._idle_reason(),
            None if camera is None else camera.calibrated, {
                'device': str(self._machine.device), 'keypoints2d': self._machine.backend,
                'features': 'on' if self._machine.uses_features else 'off',
                'weights': self._weights,
                'correction': self.config.machine.lifting.correction,
                'target_frame': self.config.frames.target_frame, 'floor': self._worker.floor.text},
            self._camera.publishers, '' if camera is None else camera.remark,
            self._machine.is_crowded, self._placement.target.problem,
            self._placement.floor.problem, self._depth.summarize())
        self._diagnostics_publisher.publish(diagnostics_message(
            self.get_fully_qualified_name(), self.resolve_topic_name('image'),
            self.get_clock().now().to_msg(), health, self.config.diagnostics))

    def _idle_reason(self) -> str | None:
        if not self._worker.is_enabled:
            return 'disabled by ~/enable'
        if self.config.lazy and not self._outputs.are_wanted(but_tf=self.config.may_use_tf):
            return 'resting: nobody subscribes to a result'
        return None

    def _update_subscription(self) -> None:
        """Subscribe to images only while they are needed: receiving them takes time."""
        if self._idle_reason():
            self._camera.unsubscribe()
            self._placement.close()
            self._depth.close()
            self._worker.expect_gap()
        else:
            self._placement.open()
            self._depth.open()
            self._camera.subscribe()
            self._camera.seek_camera_info()

    def _on_set_parameters(self, proposed: list[Parameter]) -> SetParametersResult:
        if not any(p.name in parameters.NAMES for p in proposed):
            # QoS overrides, which rclpy declares while a change of the input subscribes again
            return SetParametersResult(successful=True)
        try:
            config = parameters.read(self, proposed)
            if self._outputs is not None:
                self._machine.configure(config.machine)
                self._outputs.configure(config.outputs)
            if self._camera is not None:
                self._placement.configure(config.frames)
                self._depth.configure(config.depth)
                self._camera.configure(config.input)
        except PoseMachineError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self.config = config
        return SetParametersResult(successful=True)


def main(args: list[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; return the exit status."""
    return run_node(PoseMachineNode, args)
