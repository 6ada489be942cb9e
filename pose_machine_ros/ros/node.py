# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node: images of one camera in, skeletons and markers out."""

from __future__ import annotations

import itertools
import threading
import time
import traceback

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.service import Service
from rclpy.timer import Timer
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_srvs.srv import SetBool, Trigger

from pose_machine_ros.devices import release_memory
from pose_machine_ros.errors import LateFrameError, PoseMachineError
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.networks import NetworkPool
from pose_machine_ros.ros import parameters
from pose_machine_ros.ros.conversions.images import image_to_bgr
from pose_machine_ros.ros.conversions.stamps import stamp_of
from pose_machine_ros.ros.health.diagnostics import diagnostics_message, Health
from pose_machine_ros.ros.health.statistics import FrameStatistics
from pose_machine_ros.ros.input.continuity import Continuity
from pose_machine_ros.ros.input.subscriber import CameraSubscriber
from pose_machine_ros.ros.output.output import advertise, FrameResult
from pose_machine_ros.ros.output.outputs import Outputs
from pose_machine_ros.ros.runtime.lifecycle import ManagedNode
from pose_machine_ros.ros.runtime.process import run_node
from pose_machine_ros.ros.runtime.topics import all_or_none
from pose_machine_ros.weights import expected_sha256

_ATTEND_PERIOD = 0.1  # seconds
_WATCH_PERIOD = 1.0
_HEALTH_PERIOD = 1.0
_REPORT_PERIOD = 10.0
_ERROR_PERIOD = 5.0  # a camera that sends rubbish sends it thirty times a second
_STOP_SECONDS = 2.0  # for the frame in work


class PoseMachineNode(ManagedNode):
    """Runs the pose machine on the newest image.

    Subscribes to `image` and `camera_info`, unless it rests; publishes what `Outputs` has, and once
    a second its health on `/diagnostics`. Services: `~/enable` lets it rest or work, `~/reset` lets
    it forget everybody. The image callback only keeps the newest message; one thread works on it,
    and what comes meanwhile replaces what waits. The networks are loaded when it is configured, the
    topics subscribed to when it is activated.
    """

    def __init__(self, pool: NetworkPool | None = None, **options: object) -> None:
        """Declare the parameters; raises InputError for one that can't be used.

        Nodes of one process may share a `pool` of networks; `options` are rclpy's of a node.
        """
        super().__init__('pose_machine', **options)
        self._pool = pool
        self.config = parameters.declare(self)
        self.starts_itself = self.config.autostart
        self.add_on_set_parameters_callback(self._change)
        self._machine: PoseMachine | None = None
        self._camera: CameraSubscriber | None = None
        self._worker: threading.Thread | None = None
        self._outputs: Outputs | None = None
        self._health_publisher: Publisher | None = None
        self._offers: list[Service] = []
        self._clocks: list[Timer] = []
        self._statistics = FrameStatistics()  # for the log
        self._recent = FrameStatistics()  # for the diagnostics
        self._ids = map('p{}'.format, itertools.count(1))  # of people; none is used again
        self._camera_info: CameraInfo | None = None  # of the camera before it was deactivated
        self._continuity = Continuity(self.get_logger())
        self._since: float | None = None  # monotonic seconds; when the frame in work was begun
        self._is_calibrated: bool | None = None
        self._calibration = ''  # what is to be said of it
        self._is_enabled = True
        self._must_forget = threading.Event()  # the machine is the worker's alone

    def _load(self) -> None:
        self._machine = PoseMachine(self.config.machine, self._pool, self._ids)
        self._machine.warm_up()
        self._weights = expected_sha256('lifter')[:12]
        self._outputs = Outputs(self, self.config.outputs)
        with all_or_none(self):
            self._health_publisher = advertise(self, DiagnosticArray, '/diagnostics')

    def _unload(self) -> None:
        if self._outputs is not None:
            self._outputs.close()
        if self._health_publisher is not None:
            self.destroy_publisher(self._health_publisher)
        self._outputs = self._health_publisher = self._machine = self._camera_info = None
        release_memory()

    def _begin(self) -> None:
        for statistics in (self._statistics, self._recent):
            statistics.start(time.monotonic())
        self._since = self._is_calibrated = None
        self._calibration = ''
        self._continuity.forget()
        self._is_enabled = True
        self._camera = CameraSubscriber(self, self.config.input, self._camera_info, self._late,
                                        lambda: self.config.machine.lifting.max_gap)
        self._attend()
        self._worker = threading.Thread(
            target=self._work, args=(self._camera, self._machine), name='pose_machine', daemon=True)
        self._worker.start()
        # Of a clock that goes on while simulated time stands still, or before it begins.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._clocks = [self.create_timer(period, callback, clock=steady) for period, callback in (
            (_ATTEND_PERIOD, self._attend), (_WATCH_PERIOD, self._camera.watch),
            (_HEALTH_PERIOD, self._tell_health), (_REPORT_PERIOD, self._report))]
        self._offers = [self.create_service(SetBool, '~/enable', self._enable),
                        self.create_service(Trigger, '~/reset', self._reset)]
        self.get_logger().info(
            f'ready on {self._machine.device}, correction '
            f'{self.config.machine.lifting.correction}; waiting for images on '
            f'{self.resolve_topic_name("image")}')

    def _end(self) -> None:
        while self._clocks:
            self.destroy_timer(self._clocks.pop())
        while self._offers:
            self.destroy_service(self._offers.pop())
        if self._camera is None:
            return
        self._camera.close()
        self._camera_info = self._camera.info
        if self._worker is None:  # it broke off in the beginning
            self._camera = None
            return
        self._worker.join(_STOP_SECONDS)
        self._outputs.clear()
        self._outputs.wait_until_sent()
        if self._worker.is_alive():  # and holds the machine
            self.get_logger().error('the frame in work does not end: the device seems to hang; '
                                    'start this process anew')
        else:
            self._machine.reset()
        self._camera = self._worker = None

    def _work(self, camera: CameraSubscriber, machine: PoseMachine) -> None:
        while not camera.images.is_closed:
            message = camera.images.take()
            try:
                if self._must_forget.is_set() and not camera.images.is_closed:
                    self._must_forget.clear()
                    machine.reset()
                    self._continuity.pause()
                    self._outputs.clear()
                    for statistics in (self._statistics, self._recent):
                        statistics.forget()
                if message is not None:
                    self._since = time.monotonic()
                    self._process(message, camera, machine)
            except LateFrameError as error:
                self._late(error)
            except PoseMachineError as error:
                self._failed()
                self.get_logger().error(f'image skipped: {error}',
                                        throttle_duration_sec=_ERROR_PERIOD)
            except Exception:  # the next image may be fine, and a robot needs its eyes
                self._failed()
                machine.reset()  # what it remembers may be half a frame
                self.get_logger().error(f'image skipped: {traceback.format_exc()}',
                                        throttle_duration_sec=_ERROR_PERIOD)
            finally:
                self._since = None

    def _process(self, message: Image | CompressedImage, source: CameraSubscriber,
                 machine: PoseMachine) -> None:
        header = message.header
        stamp_ns = stamp_of(header) or self._stamp_of_unstamped()
        image = image_to_bgr(message)
        height, width = image.shape[:2]
        camera = source.camera(width, height, self.config.fov)
        if camera is None:
            return
        self._is_calibrated, self._calibration = camera.calibrated, camera.remark
        if self._continuity.is_broken_by(header.frame_id):
            machine.reset()
        began = time.perf_counter()
        skeletons = machine.step(image, stamp_ns, camera)
        inference_ms = (time.perf_counter() - began) * 1e3
        self._continuity.go_on(stamp_ns, machine.config.lifting.max_gap)
        if not self._is_enabled or source.images.is_closed:  # since a moment ago
            return
        latency_ns = self.get_clock().now().nanoseconds - stamp_ns
        self._outputs.publish(FrameResult(skeletons, header, image, camera, latency_ns))
        people = sum(s.state.is_active for s in skeletons)
        for statistics in (self._statistics, self._recent):
            statistics.processed(latency_ns * 1e-6, inference_ms, people)

    def _failed(self) -> None:
        for statistics in (self._statistics, self._recent):
            statistics.failed()

    def _late(self, error: LateFrameError) -> None:
        for statistics in (self._statistics, self._recent):
            statistics.late()
        self.get_logger().warning(
            f'{error}. Some drivers publish out of order now and then; else look for a second '
            'camera on this topic, or a clock that was set back. From now on, late images are '
            'counted and no longer named', once=True)

    def _stamp_of_unstamped(self) -> int:
        self.get_logger().warning(
            'images have no stamp: taking the time of their arrival. Let the driver fill in '
            'header.stamp', once=True)
        return self.get_clock().now().nanoseconds

    def _report(self) -> None:
        figures = self._statistics.take(time.monotonic(), *self._camera.images.counts)
        if (line := figures.line()) is not None:
            self.get_logger().info(line)

    def _tell_health(self) -> None:
        now, since = time.monotonic(), self._since
        health = Health(
            self._recent.take(now, *self._camera.images.counts), self._camera.age,
            0.0 if since is None else now - since, self._reason_to_rest(), self._is_calibrated, {
                'device': str(self._machine.device), 'weights': self._weights,
                'correction': self.config.machine.lifting.correction},
            self._camera.publishers, self._calibration, self._machine.is_crowded)
        self._health_publisher.publish(diagnostics_message(
            self.get_fully_qualified_name(), self.resolve_topic_name('image'),
            self.get_clock().now().to_msg(), health, self.config.diagnostics))

    def _reason_to_rest(self) -> str | None:
        if not self._is_enabled:
            return 'disabled by ~/enable'
        if self.config.lazy and not self._outputs.has_listeners:
            return 'resting: nobody subscribes to a result'
        return None

    def _attend(self) -> None:
        """Take images while they are needed: they cost time even if nobody looks at them."""
        if self._reason_to_rest():
            self._camera.unsubscribe()
            self._continuity.pause()  # which is not the camera's
        else:
            self._camera.subscribe()
            self._camera.seek_info()

    def _forget(self) -> None:
        """Let the worker forget everybody, since it may be at work with them."""
        self._must_forget.set()
        self._camera.images.wake()

    def _enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        was, self._is_enabled = self._is_enabled, request.data
        if was and not request.data:
            self._forget()  # whoever is seen after the rest is somebody new
        self._attend()
        response.success = True
        response.message = 'working' if request.data else 'resting'
        return response

    def _reset(self, _request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._forget()
        response.success, response.message = True, 'everybody is forgotten'
        return response

    def _change(self, proposed: list[Parameter]) -> SetParametersResult:
        if not any(p.name in parameters.NAMES for p in proposed):
            # QoS overrides, which are declared while subscribing anew, in the midst of a change
            return SetParametersResult(successful=True)
        try:
            config = parameters.read(self, proposed)
            if self._outputs is not None:
                self._machine.configure(config.machine)
                self._outputs.configure(config.outputs)
            if self._camera is not None:
                self._camera.configure(config.input)
        except PoseMachineError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self.config = config
        return SetParametersResult(successful=True)


def main(args: list[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; returns the exit status."""
    return run_node(PoseMachineNode, args)
