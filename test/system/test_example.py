# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The example controller as a process, over DDS: it stops if a hand may be close."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
import signal
import subprocess
import sys

import numpy as np
import pytest
from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.time import Time
from rosgraph_msgs.msg import Clock
from scipy.spatial.transform import Rotation
from std_msgs.msg import Bool, Header
from support.people import CAMERA, skeleton
from support.processes import Listener, PATIENCE

from pose_machine_msgs.msg import Skeleton3DArray, SkeletonModel
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.pose import Skeleton, Space, TrackingState
from pose_machine_ros.ros.conversions.skeletons import (
    camera_message, model_message, skeletons_message)
from pose_machine_ros.skeleton import HUMAN36M_17

EXAMPLE = Path(__file__).parents[2] / 'examples' / 'stop_when_close.py'
WRISTS = [HUMAN36M_17.index(n) for n in ('left_wrist', 'right_wrist')]


def person(distance: float, wrist: float, wrist_score: float = 0.9, deviation: float = 0.03,
           **changes: object) -> Skeleton:
    """Return a person at `distance` metres, with a wrist at `wrist` metres."""
    xyz = np.tile(np.float32([0, 0, distance]), (17, 1))
    xyz[WRISTS[0], 2] = wrist
    scores = np.full(17, 0.9, np.float32)
    scores[WRISTS[0]] = wrist_score
    return skeleton(**{'xyz': xyz, 'joint_scores': scores, 'covariance': np.tile(
        np.float32(np.diag([1e-4, 1e-4, deviation ** 2])), (17, 1, 1)), **changes})


_STEP = Duration(seconds=0.05)  # between skeletons
_PATIENCE_PERIOD = 0.5  # wall time to wait for an answer, seconds
SAFE = person(3.0, wrist=2.5)
# All people are 3 m from the origin or further, wherever they are from the camera.
WORLD = RigidTransform(Rotation.from_euler('xyz', (0.3, -0.4, 1.5)).as_matrix(),
                       np.array([5.0, -4.0, 3.0]))
REASONS = {
    'a hand is close': person(1.4, wrist=0.6),
    'a hand may be close': person(1.7, wrist=1.0, deviation=0.25),
    'a hand that is not seen may be close': person(1.3, wrist=1.3, wrist_score=0.0),
    'it carries on unseen': person(1.4, wrist=0.6, state=TrackingState.PREDICTED),
    'the distance is a guess': person(3.0, wrist=2.5, space=Space.ROOT_RELATIVE),
    'nothing of somebody is seen': person(3.0, wrist=2.5, joint_scores=np.zeros(17, np.float32)),
}


class World:
    """Publishes skeletons like the node, at 20 Hz of a simulated time, and keeps the answers.

    Each answer of the example advances the time, so that a slow machine makes no skeleton old.
    Without an answer the time advances slowly.
    """

    def __init__(self, listener: Listener) -> None:
        self.people: list[Skeleton] = [SAFE]
        self.age = 0.05  # seconds
        self.pose = RigidTransform()  # of the camera in the frame of the people
        self.is_alive = True  # False: no more skeletons
        self.answers: list[bool] = []
        self._now = Time()
        self._answers_before = 0
        self._listener = listener
        node = self._node = listener.node
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        node.create_publisher(
            SkeletonModel, 'pose_machine/skeleton_model', latched).publish(model_message())
        self._skeletons = node.create_publisher(Skeleton3DArray, 'pose_machine/skeletons', 10)
        self._clock = node.create_publisher(Clock, '/clock', 10)
        node.create_subscription(Bool, 'stop_when_close/stop', self._on_answer, 10)
        node.create_timer(_PATIENCE_PERIOD, self._go_on_without_answer)

    def answers_become(self, stop: bool) -> None:
        """Wait for this answer of the example."""
        count = len(self.answers)
        self._listener.spin_until(lambda: self.answers[count:][-1:] == [stop])

    def answers_stay_safe(self) -> None:
        """Assert that for a second no answer is stop."""
        count = len(self.answers)
        self._listener.spin_until(lambda: len(self.answers) >= count + 20)
        assert not any(self.answers[count:])

    def _on_answer(self, message: Bool) -> None:
        self.answers.append(message.data)
        self._go_on()

    def _go_on_without_answer(self) -> None:
        """Start, or start again if a message got lost."""
        if len(self.answers) == self._answers_before and self._clock.get_subscription_count():
            self._go_on()
        self._answers_before = len(self.answers)

    def _go_on(self) -> None:
        self._now += _STEP
        if self.is_alive:
            stamp = (self._now - Duration(seconds=self.age)).nanoseconds
            header = Header(frame_id='eye')
            header.stamp.sec, header.stamp.nanosec = divmod(max(stamp, 0), 10 ** 9)
            self._skeletons.publish(skeletons_message(
                self.people, header, [camera_message(header, CAMERA, self.pose)],
                round(self.age * 1e9)))
        self._clock.publish(Clock(clock=self._now.to_msg()))


@pytest.fixture
def example() -> Iterator[subprocess.Popen]:
    process = subprocess.Popen([
        sys.executable, EXAMPLE, '--ros-args', '-p', 'use_sim_time:=true'],
        stderr=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def world(ros: None) -> Iterator[World]:
    listener = Listener()
    yield World(listener)
    listener.close()


def test_it_stops_for_every_reason_and_goes_on_after_it(
        world: World, example: subprocess.Popen) -> None:
    def becomes_unsafe(change: Callable[[], None]) -> None:
        change()
        world.answers_become(True)
        world.people, world.age = [SAFE], 0.05
        world.answers_become(False)

    world.answers_become(False)
    assert world.answers[0]  # before the first skeletons
    world.people = []  # an empty array: no people
    world.answers_stay_safe()
    world.people = [person(1.0, wrist=0.6, state=TrackingState.LOST)]  # the track ended
    world.answers_stay_safe()
    for somebody in REASONS.values():
        becomes_unsafe(lambda: setattr(world, 'people', [SAFE, somebody]))
    becomes_unsafe(lambda: setattr(world, 'age', 0.5))  # the skeletons are old
    becomes_unsafe(lambda: setattr(world, 'age', -0.5))  # the clocks differ
    # In another frame the distance is that from the camera, not that from the origin.
    moved = [replace(p, xyz=WORLD.apply(p.xyz).astype(np.float32), space=Space.WORLD_METRIC,
                     covariance=WORLD.rotate_covariance(p.covariance).astype(np.float32))
             for p in (SAFE, REASONS['a hand may be close'])]
    world.people, world.pose = moved[:1], WORLD
    world.answers_stay_safe()
    world.people = moved
    world.answers_become(True)
    world.people = moved[:1]
    world.answers_become(False)
    world.is_alive = False
    world.answers_become(True)
    example.send_signal(signal.SIGINT)
    assert example.wait(PATIENCE) == 0 and 'Traceback' not in example.stderr.read()
