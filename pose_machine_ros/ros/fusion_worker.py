# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The thread that fuses the skeletons of several cameras and publishes the results."""

from __future__ import annotations

import time

from rclpy.node import Node
from rclpy.time import Time
from std_msgs.msg import Header

from pose_machine_msgs.msg import CameraView
from pose_machine_ros.errors import InputError
from pose_machine_ros.fusion.machine import FusedPoseMachine, FusedSkeleton
from pose_machine_ros.fusion.residual_watch import ResidualWatch
from pose_machine_ros.fusion.rounds import Rounds
from pose_machine_ros.fusion.view import View
from pose_machine_ros.ros.conversions.camera_results import CameraResult, from_cdr
from pose_machine_ros.ros.conversions.skeletons import pose_message
from pose_machine_ros.ros.health.complaints import Complaints
from pose_machine_ros.ros.health.statistics import FrameStatistics
from pose_machine_ros.ros.input.camera_poses import CameraPoses
from pose_machine_ros.ros.input.skeleton_inbox import Receipt, SkeletonInbox
from pose_machine_ros.ros.output.output import FrameResult
from pose_machine_ros.ros.output.outputs import Outputs
from pose_machine_ros.ros.worker_thread import WorkerThread

_POSE_WAIT = 1.0  # seconds; TF takes a moment to arrive
_OWNER_SECONDS = 2.0
_NOT_CALIBRATED = ('the camera is not calibrated, so that its distances are guesses: publish its '
                   'camera_info')


class FusionWorker(WorkerThread):
    """Fuses the newest results of several cameras, round after round.

    From `start` until `stop` returns True only this thread calls the machine. What is wrong with a
    camera is told once by `complaints`, under the topic of its results, and the others go on.
    """

    def __init__(self, node: Node, machine: FusedPoseMachine, inbox: SkeletonInbox,
                 poses: CameraPoses, rounds: Rounds, target_frame: str, outputs: Outputs,
                 statistics: FrameStatistics, complaints: Complaints) -> None:
        super().__init__('fusion', node.get_logger(), inbox, statistics, 'results skipped')
        self.residuals: dict[str, float] = {}  # by camera, in standard deviations; NaN if unknown
        self._node = node
        self._machine = machine
        self._inbox = inbox
        self._poses = poses
        self._rounds = rounds
        self._target_frame = target_frame
        self._outputs = outputs
        self._complaints = complaints
        self._watch = ResidualWatch()
        self._sources: dict[str, tuple[str, float]] = {}  # topic and last receipt of each camera
        self._results: dict[str, CameraResult] = {}  # newest of each camera
        self._views: dict[str, View] = {}  # newest of each camera that takes part
        self._newest_ns: int | None = None

    def _next(self) -> list[Receipt]:
        due = self._rounds.due
        return self._inbox.get(None if due is None else max(0.0, due - time.monotonic()))

    def _process(self, receipts: list[Receipt]) -> None:
        for receipt in receipts:
            view = self._view(receipt)
            if view is None:
                continue
            late = self._rounds.late
            offset = (view.stamp_ns - receipt.clock_ns) * 1e-9
            for views in self._rounds.add(view, offset, receipt.at):
                self._fuse(views)
            if self._rounds.late > late:
                self._statistics.count_late()
        if views := self._rounds.expire(time.monotonic()):
            self._fuse(views)
        self._complain('clock', self._rounds.clocks(time.monotonic()).complaints)

    def _view(self, receipt: Receipt) -> View | None:
        """Return the view of a camera; None, with a complaint, if it cannot be used."""
        source, result = receipt.source, receipt.result
        try:
            if not isinstance(result, CameraResult):
                result = from_cdr(result)
            result.check()
            self._check_owner(result.camera, receipt)
        except InputError as error:
            self._statistics.count_failed()
            self._complaints.set(source, 'input', str(error))
            return None
        self._complaints.set(source, 'input', None)
        self._complaints.set(source, 'calibration',
                             None if result.calibrated else _NOT_CALIBRATED)
        try:
            pose = self._poses.pose(result)
        except InputError as error:
            self._complaints.set(
                source, 'pose', f'the pose of camera {result.camera} is not known, so it is left '
                f'out: {error}', after=_POSE_WAIT)
            return None
        self._complaints.set(source, 'pose', None)
        try:
            stamp_ns = self._poses.stamp_ns(result)
        except InputError as error:
            self._complaints.set(source, 'stamp', str(error))
            return None
        self._complaints.set(source, 'stamp', None)
        self._results[result.camera] = result
        return View(result.camera, stamp_ns, pose, result.skeletons, result.calibrated)

    def _check_owner(self, camera: str, receipt: Receipt) -> None:
        """Raise InputError if another topic has the same camera."""
        owner, heard = self._sources.get(camera, (receipt.source, receipt.at))
        if owner != receipt.source and receipt.at - heard < _OWNER_SECONDS:
            raise InputError(
                f'its camera has the frame_id {camera!r}, as that of {owner} has, so it is left '
                'out: give each camera its own frame_id')
        self._sources[camera] = receipt.source, receipt.at

    def _fuse(self, views: list[View]) -> None:
        newest_ns = max(view.stamp_ns for view in views)
        if self._newest_ns is not None and newest_ns <= self._newest_ns:
            self._logger.warning('the stamps of all cameras went back: all people are forgotten')
            self._forget()
        self._newest_ns = newest_ns
        self._views |= {view.camera: view for view in views}
        began = time.perf_counter()
        try:
            people = self._machine.step(views)
        except InputError:
            self._forget()  # else it may refuse all views that follow
            raise
        fusion_ms = (time.perf_counter() - began) * 1e3
        if not self.is_enabled or self._inbox.is_closed:  # since the round began
            return
        latency_ns = self._node.get_clock().now().nanoseconds - newest_ns
        self._outputs.publish(self._result(people, newest_ns, latency_ns))
        self._statistics.count_processed(
            latency_ns * 1e-6, fusion_ms, sum(p.skeleton.state.is_active for p in people))
        residuals = self._machine.residuals()
        self.residuals = residuals
        self._watch.add({v.camera: residuals[v.camera] for v in views if v.camera in residuals},
                        newest_ns)
        self._complain('residual', self._watch.complaints())

    def _result(self, people: list[FusedSkeleton], stamp_ns: int, latency_ns: int) -> FrameResult:
        recent = [view for view in self._views.values()
                  if stamp_ns - view.stamp_ns <= self._rounds.max_gap * 1e9]
        numbers = {view.camera: i for i, view in enumerate(recent)}
        return FrameResult(
            [p.skeleton for p in people], self._header(stamp_ns, self._target_frame), None, None,
            latency_ns, cameras=[self._camera_message(view) for view in recent],
            seen_by=[[numbers[name] for name in p.seen_by if name in numbers] for p in people])

    def _camera_message(self, view: View) -> CameraView:
        result = self._results[view.camera]
        return CameraView(
            header=self._header(view.stamp_ns, view.camera), pose=pose_message(view.pose),
            calibrated=view.calibrated, width=result.width, height=result.height)

    def _complain(self, kind: str, complaints: dict[str, str]) -> None:
        """Tell the complaints of this kind, and clear those about other cameras."""
        texts: dict[str, str | None] = {source: None for source, _ in self._sources.values()}
        texts |= {self._sources[camera][0]: text for camera, text in complaints.items()}
        for source, text in texts.items():
            self._complaints.set(source, kind, text)

    def _reset(self) -> None:
        self._forget()
        self._rounds.reset()
        self._statistics.clear_people()

    def _recover(self) -> None:
        self._machine.reset()

    def _forget(self) -> None:
        self._machine.reset()
        self._watch.reset()
        self._outputs.clear()
        self._views.clear()
        self._newest_ns = None

    def _header(self, stamp_ns: int, frame: str) -> Header:
        return Header(stamp=Time(nanoseconds=stamp_ns).to_msg(), frame_id=frame)
