# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The worker thread, with a stub of the machine: results, errors, resets and its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import threading
from types import SimpleNamespace

import numpy as np
import pytest
import rclpy
from rclpy.node import Node
from ros.faults.malformed import good_image, good_info
from sensor_msgs.msg import Image
from support.people import skeleton
from support.processes import PATIENCE, wait_until

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError, LateFrameError
from pose_machine_ros.pose import Skeleton, TrackingState
from pose_machine_ros.ros.health.statistics import FrameStatistics, FrameSummary
from pose_machine_ros.ros.input.camera_placement import CameraPlacement, FramesConfig
from pose_machine_ros.ros.input.subscriber import CameraSubscriber
from pose_machine_ros.ros.output.output import FrameResult
from pose_machine_ros.ros.worker import FrameWorker


class StubMachine:
    """Answers each frame with what `answer` returns; counts frames and resets."""

    config = SimpleNamespace(lifting=SimpleNamespace(max_gap=1.0))

    def __init__(self) -> None:
        self.frames = self.resets = 0
        self.answer: Callable[[], list[Skeleton]] = lambda: []

    def step(self, *_: object) -> list[Skeleton]:
        self.frames += 1
        return self.answer()

    def reset(self) -> None:
        self.resets += 1


class StubOutputs:
    """Keeps the published results; counts clears."""

    def __init__(self) -> None:
        self.results: list[FrameResult] = []
        self.clears = 0

    def publish(self, result: FrameResult) -> None:
        self.results.append(result)

    def clear(self) -> None:
        self.clears += 1


class Setup:
    """A worker of a calibrated camera, whose images come from `show`."""

    def __init__(self, node: Node) -> None:
        self.machine, self.outputs = StubMachine(), StubOutputs()
        self.statistics = FrameStatistics('test')
        self.camera = CameraSubscriber(node, info=good_info())
        self.log: list[str] = []
        for level in ('warning', 'error'):
            setattr(node.get_logger(), level, lambda text, **_: self.log.append(text))
        self.placement = CameraPlacement(node)
        self.worker = FrameWorker(node, self.machine, self.camera, self.outputs, self.statistics,
                                  lambda: 55.0, self.placement)
        self._seconds = 0

    def show(self, frame_id: str = 'eye') -> Image:
        """Queue an image; its stamp is 0.1 s after that of the last one."""
        self._seconds += 1
        message = good_image()
        message.header.frame_id = frame_id
        message.header.stamp.sec, message.header.stamp.nanosec = 100, self._seconds * 10**8
        self.camera.images.put(message)
        return message

    def process(self, **header: str) -> None:
        """Queue an image and wait until the machine has worked on it."""
        frames = self.machine.frames
        self.show(**header)
        self.wait_until(lambda: self.machine.frames > frames and not self.worker.busy_seconds)

    def summary(self) -> FrameSummary:
        return self.statistics.summarize('test', 1.0, *self.camera.images.counts)

    def wait_until(self, is_done: Callable[[], bool]) -> None:
        wait_until(is_done, PATIENCE, lambda: f'{self.log}')


@pytest.fixture
def setup(ros: None) -> Iterator[Setup]:
    node = rclpy.create_node('worker_test')
    made = Setup(node)
    yield made
    assert made.worker.stop(PATIENCE)
    node.destroy_node()


def test_people_are_placed_in_the_target_frame_and_not_without_a_pose(setup: Setup) -> None:
    person = skeleton('p1')
    setup.machine.answer = lambda: [person]
    poses = {'eye': RigidTransform(translation=np.array([10.0, 0, 0])), 'other': None}
    setup.placement.configure(FramesConfig(target_frame='odom'))
    setup.placement.pose_in = lambda _, header, __: poses[header.frame_id]
    setup.worker.start()
    for frame_id in poses:
        setup.process(frame_id=frame_id)
    known, unknown = setup.outputs.results
    assert known.frame_id == unknown.frame_id == 'odom' and known.header.frame_id == 'eye'
    assert known.skeletons == [person] and known.pose is poses['eye'] and unknown.pose is None
    np.testing.assert_allclose(known.people[0].xyz, person.xyz + (10, 0, 0), atol=1e-5)


def test_a_new_target_frame_in_the_middle_of_a_frame_counts_from_the_next_one(
        setup: Setup) -> None:
    person = skeleton('p1')
    setup.machine.answer = lambda: [person]
    there = RigidTransform(translation=np.array([10.0, 0, 0]))
    frames = {'odom': there, '': RigidTransform()}

    def pose_in(frame: str, *_: object) -> RigidTransform:
        setup.placement.config = FramesConfig()  # somebody sets the parameter
        return frames[frame]
    setup.placement.config = FramesConfig(target_frame='odom')
    setup.placement.pose_in = pose_in
    setup.worker.start()
    setup.process()
    setup.process()
    first, second = setup.outputs.results
    assert (first.frame_id, second.frame_id) == ('odom', '')
    np.testing.assert_allclose(first.people[0].xyz, person.xyz + (10, 0, 0), atol=1e-5)
    np.testing.assert_allclose(second.people[0].xyz, person.xyz)


def test_people_who_stand_still_do_so_after_a_change_of_target_frame(setup: Setup) -> None:
    person = skeleton('p1')
    setup.machine.answer = lambda: [person]
    heights = {'base_link': 1.0, 'base_footprint': 1.12}  # of the camera, metres
    setup.placement.pose_in = lambda frame, *_: RigidTransform(
        translation=np.array([0, 0, heights[frame]]))
    setup.worker.start()
    for frame in heights:
        setup.placement.config = FramesConfig(target_frame=frame)
        for _ in range(3):
            setup.process()
    for result in setup.outputs.results:
        np.testing.assert_allclose(result.people[0].velocity, person.velocity, atol=1e-5)


def test_a_result_is_published_with_the_header_of_its_image(setup: Setup) -> None:
    setup.machine.answer = lambda: [skeleton('p1'), skeleton('p2', state=TrackingState.LOST)]
    message = setup.show()  # before the start: it waits in the queue
    assert setup.worker.camera is None
    setup.worker.start()
    setup.wait_until(lambda: bool(setup.outputs.results) and not setup.worker.busy_seconds)
    result, = setup.outputs.results
    assert result.header == message.header and result.latency_ns > 0
    assert setup.worker.camera is result.camera and result.camera.calibrated
    summary = setup.summary()
    assert (len(summary.latencies_ms), summary.people, summary.failed) == (1, 1, 0)


def raising(error: Exception) -> Callable[[], list[Skeleton]]:
    def answer() -> list[Skeleton]:
        raise error
    return answer


@pytest.mark.parametrize('error, failed, late, resets, words', [
    (InputError('too dark'), 1, 0, 0, 'image skipped: too dark'),
    (ZeroDivisionError('of the test'), 1, 0, 1, 'ZeroDivisionError: of the test'),
    (LateFrameError('0.1 s behind'), 0, 1, 0, '0.1 s behind. Some drivers publish out of order')])
def test_an_error_is_logged_and_counted_and_costs_one_image(
        setup: Setup, error: Exception, failed: int, late: int, resets: int, words: str) -> None:
    setup.machine.answer = raising(error)
    setup.worker.start()
    setup.process()
    line, = setup.log
    assert words in line
    assert setup.machine.resets == resets and not setup.outputs.results
    setup.machine.answer = lambda: []
    setup.process()
    assert len(setup.outputs.results) == 1 and len(setup.log) == 1
    summary = setup.summary()
    assert (summary.failed, summary.late, len(summary.latencies_ms)) == (failed, late, 1)


def test_people_are_forgotten_without_an_image(setup: Setup) -> None:
    setup.machine.answer = lambda: [skeleton('p1')]
    setup.worker.start()
    setup.process()
    setup.worker.forget_people()
    setup.wait_until(lambda: setup.summary().people == 0)
    assert setup.machine.resets == setup.outputs.clears == 1


def test_another_frame_id_resets_the_machine(setup: Setup) -> None:
    setup.worker.start()
    setup.process()
    setup.process()
    assert not setup.machine.resets
    setup.process(frame_id='other')
    assert setup.machine.resets == 1 and "'eye' to 'other'" in setup.log[0]
    assert len(setup.outputs.results) == 3


def test_a_disabled_worker_discards_the_current_frame(setup: Setup) -> None:
    def disable() -> list[Skeleton]:
        setup.worker.is_enabled = False
        return []
    setup.machine.answer = disable
    setup.worker.start()
    setup.process()
    assert not setup.outputs.results and not setup.summary().latencies_ms


def test_stop_does_not_wait_longer_than_its_timeout(setup: Setup) -> None:
    can_end = threading.Event()
    setup.machine.answer = lambda: can_end.wait(PATIENCE) and []
    setup.worker.start()
    setup.show()
    setup.wait_until(lambda: setup.worker.busy_seconds > 0.05)
    assert not setup.worker.stop(0.01)
    can_end.set()
    assert setup.worker.stop(PATIENCE)
    assert not setup.outputs.results  # the queue was closed meanwhile


def test_a_worker_that_never_started_has_ended(setup: Setup) -> None:
    assert setup.worker.stop(0.0)
