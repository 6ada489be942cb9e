# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The fusion node: skeletons of several cameras in, one skeleton a person out."""

from __future__ import annotations

import itertools
import time

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher

from pose_machine_ros.errors import PoseMachineError
from pose_machine_ros.fusion.machine import FusedPoseMachine
from pose_machine_ros.fusion.rounds import Rounds
from pose_machine_ros.ros import parameters
from pose_machine_ros.ros.fusion_parameters import FusionNodeConfig, NAMES
from pose_machine_ros.ros.fusion_worker import FusionWorker
from pose_machine_ros.ros.health.complaints import Complaints
from pose_machine_ros.ros.health.fusion_diagnostics import (
    fusion_diagnostics_message, FusionHealth, InputHealth)
from pose_machine_ros.ros.health.statistics import FrameStatistics
from pose_machine_ros.ros.input.camera_poses import CameraPoses
from pose_machine_ros.ros.input.skeleton_inbox import SkeletonInbox
from pose_machine_ros.ros.input.skeleton_subscriber import SkeletonSubscriber
from pose_machine_ros.ros.output.output import advertise
from pose_machine_ros.ros.output.outputs import Outputs
from pose_machine_ros.ros.runtime.process import run_node
from pose_machine_ros.ros.runtime.topics import destroy_on_failure
from pose_machine_ros.ros.runtime.working_node import (
    DIAGNOSTICS_PERIOD, LOG_PERIOD, SUBSCRIBE_PERIOD, WATCH_PERIOD, WorkingNode)

_START_SECONDS = 10.0  # for pose nodes to load their networks
_STOP_SECONDS = 2.0  # for the current round


class FusionNode(WorkingNode):
    """Fuses the skeletons of several pose nodes.

    Subscribes to the topics in `inputs`, and to TF, unless it is idle; publishes the topics of
    `Outputs` in `target_frame`, except for the image, and its health on `/diagnostics` once a
    second. The service `~/enable` pauses and resumes it, `~/reset` forgets all people. A callback
    only queues the newest message; a thread, the `FusionWorker`, fuses them.
    """

    def __init__(self, inbox: SkeletonInbox | None = None, **options: object) -> None:
        """Declare the parameters; raises InputError for an invalid value.

        Pose nodes in the same process put their results into `inbox`, under the names in `inputs`.
        Without one, the node subscribes. `options` are those of an rclpy node.
        """
        super().__init__('fusion', **options)
        self.config = parameters.declare(self, FusionNodeConfig)
        self.autostart = self.config.autostart
        self.add_on_set_parameters_callback(self._on_set_parameters)
        self._inputs = [self.resolve_topic_name(topic) for topic in self.config.inputs]
        self._inbox = SkeletonInbox() if inbox is None else inbox
        self._subscriber = SkeletonSubscriber(self, self._inputs, self._inbox) \
            if inbox is None else None
        self._complaints = Complaints(self.get_logger())
        self._statistics = FrameStatistics('log', 'diagnostics')
        self._ids = map('f{}'.format, itertools.count(1))  # of people; none is used twice
        self._machine: FusedPoseMachine | None = None
        self._poses: CameraPoses | None = None
        self._outputs: Outputs | None = None
        self._diagnostics_publisher: Publisher | None = None

    def _do_configure(self) -> None:
        config = self.config
        self._poses = CameraPoses(self, config.target_frame, config.extrinsics)
        self._machine = FusedPoseMachine(config.fusion, self._ids)
        self._outputs = Outputs(self, config.outputs, with_images=False)
        with destroy_on_failure(self):
            self._diagnostics_publisher = advertise(self, DiagnosticArray, '/diagnostics')

    def _do_cleanup(self) -> None:
        if self._outputs is not None:
            self._outputs.close()
        if self._diagnostics_publisher is not None:
            self.destroy_publisher(self._diagnostics_publisher)
        self._outputs = self._diagnostics_publisher = self._machine = self._poses = None

    def _do_activate(self) -> None:
        self._statistics.reset(time.monotonic())
        self._complaints.clear()
        self._inbox.open(lambda: self.get_clock().now().nanoseconds)
        self._worker = FusionWorker(
            self, self._machine, self._inbox, self._poses,
            Rounds(self.config.wait, self.config.max_gap), self.config.target_frame, self._outputs,
            self._statistics, self._complaints)
        self._update_subscription()
        self._worker.start()
        self._start_services({
            self._update_subscription: SUBSCRIBE_PERIOD, self._watch: WATCH_PERIOD,
            self._publish_diagnostics: DIAGNOSTICS_PERIOD, self._log_statistics: LOG_PERIOD})
        self.get_logger().info(
            f'ready, results in {self.config.target_frame}; poses of the cameras from '
            f'{self.config.extrinsics or "TF"}; waiting for {", ".join(self._inputs)}')

    def _do_deactivate(self) -> None:
        self._stop_services()
        if self._worker is None:
            return
        self._rest()
        if self._worker.stop(_STOP_SECONDS):
            self._machine.reset()
        else:
            self.get_logger().error('the current round does not finish: the machine seems to hang; '
                                    'restart this process')
        self._outputs.clear()
        self._outputs.wait_until_sent()
        self._worker = None

    def _idle_reason(self) -> str | None:
        if not self._worker.is_enabled:
            return 'disabled by ~/enable'
        # Pose nodes that take poses from TF are subscribers of /tf, and work because this does
        if self.config.lazy and not self._outputs.are_wanted(but_tf=True):
            return 'resting: nobody subscribes to a result'
        return None

    def _update_subscription(self) -> None:
        """Take results only while they are needed, so that lazy pose nodes can rest too."""
        if self._idle_reason():
            self._rest()
        elif not self._inbox.is_wanted:
            self._inbox.expect_gap()
            self._inbox.is_wanted = True
            self._poses.subscribe()
            if self._subscriber is not None:
                self._subscriber.subscribe()

    def _rest(self) -> None:
        if not self._inbox.is_wanted:
            return
        self._inbox.is_wanted = False
        if self._subscriber is not None:
            self._subscriber.unsubscribe()
        self._poses.unsubscribe()
        self._complaints.clear()

    def _watch(self) -> None:
        """Complain about inputs that are silent."""
        if not self._inbox.is_wanted:
            return
        for topic in self._inputs:
            age, has_begun = self._inbox.age(topic), self._inbox.has_heard(topic)
            if age <= (self.config.diagnostics.warn_age if has_begun else _START_SECONDS):
                self._complaints.set(topic, 'silence', None)
                continue
            self._complaints.forget(topic, but='silence')
            reason = 'look at the diagnostics of its pose node' if self._subscriber is None \
                else self._subscriber.reason_for_silence(topic)
            self._complaints.set(topic, 'silence', f'no skeletons for {age:.0f} s: {reason}')

    def _log_statistics(self) -> None:
        summary = self._statistics.summarize('log', time.monotonic(), *self._inbox.counts)
        if (line := summary.line('results')) is not None:
            self.get_logger().info(line)

    def _publish_diagnostics(self) -> None:
        summary = self._statistics.summarize('diagnostics', time.monotonic(), *self._inbox.counts)
        health = FusionHealth(
            summary, self._worker.busy_seconds, self._idle_reason(),
            {topic: InputHealth(self._inbox.age(topic), self._complaints.about(topic))
             for topic in self._inputs},
            self._worker.residuals, self.config.target_frame)
        self._diagnostics_publisher.publish(fusion_diagnostics_message(
            self.get_fully_qualified_name(), self.get_clock().now().to_msg(), health,
            self.config.diagnostics))

    def _on_set_parameters(self, proposed: list[Parameter]) -> SetParametersResult:
        if not any(p.name in NAMES for p in proposed):
            # QoS overrides, which rclpy declares when the node subscribes
            return SetParametersResult(successful=True)
        try:
            config = parameters.read(self, proposed, FusionNodeConfig)
        except PoseMachineError as error:
            return SetParametersResult(successful=False, reason=str(error))
        if self._outputs is not None:
            self._machine.config = config.fusion
            self._outputs.configure(config.outputs)
        self.config = config
        return SetParametersResult(successful=True)


def main(args: list[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; return the exit status."""
    return run_node(FusionNode, args)
