# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Poses of the camera for the results and the floor, and how a missing one is reported."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rclpy.node import Node
from support.people import header

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.correction.scale import floor_below
from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.input import camera_placement as module
from pose_machine_ros.ros.input import transform_buffer
from pose_machine_ros.ros.input.camera_placement import CameraPlacement, FramesConfig

LEVEL = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]])  # a camera that looks along x, z points up


def camera_at(height: float, pitch: float = 0.0) -> RigidTransform:
    """Return the pose of a camera that looks down by `pitch` radians, in a frame on the floor."""
    down = np.array([[math.cos(pitch), 0, math.sin(pitch)], [0, 1, 0],
                     [-math.sin(pitch), 0, math.cos(pitch)]])
    return RigidTransform(down @ LEVEL, np.array([2.0, 3.0, height]))


class StubBuffer:
    """Answers with `pose`, or raises it."""

    def __init__(self) -> None:
        self.pose: RigidTransform | InputError = InputError("TF has no frame 'odom'")
        self.asked: list[tuple[str, str, int]] = []

    def lookup(self, target: str, source: str, stamp_ns: int) -> RigidTransform:
        self.asked.append((target, source, stamp_ns))
        if isinstance(self.pose, InputError):
            raise self.pose
        return self.pose


class Clock:
    """The time of the module."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, 'time', made)
    return made


def opened(node: Node, **values: str) -> tuple[CameraPlacement, StubBuffer, list[str]]:
    """Return a placement, its buffer and its log."""
    log: list[str] = []
    logger = node.get_logger()
    logger.warning = logger.info = lambda text, **_: log.append(text)
    node.get_logger = lambda: logger
    placement = CameraPlacement(node, FramesConfig(**values))
    placement._buffer = StubBuffer()
    return placement, placement._buffer, log


def test_without_a_target_frame_nothing_is_looked_up(node: Node) -> None:
    placement = CameraPlacement(node)
    placement.open()
    assert not [s for s in node.subscriptions if s.topic_name == '/tf']
    assert (placement.pose_in('', header(), 5).rotation == np.eye(3)).all()


def test_it_subscribes_from_open_to_close(node: Node) -> None:
    placement = CameraPlacement(node, FramesConfig(target_frame='odom'))
    for _ in range(2):
        placement.open()
        placement.open()
        assert sum(s.topic_name == '/tf' for s in node.subscriptions) == 1
        placement.close()
        assert sum(s.topic_name == '/tf' for s in node.subscriptions) == 0


def test_frames_can_change_while_it_is_open(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    placement = CameraPlacement(node, FramesConfig(floor='map'))
    placement.open()
    placement.configure(FramesConfig(target_frame='odom'))
    assert sum(s.topic_name == '/tf' for s in node.subscriptions) == 1
    placement.configure(FramesConfig())
    assert sum(s.topic_name == '/tf' for s in node.subscriptions) == 0
    monkeypatch.setattr(transform_buffer, 'TFMessage', None)
    with pytest.raises(InputError, match='tf2_msgs'):
        placement.configure(FramesConfig(target_frame='odom'))
    assert placement.config == FramesConfig()


def test_the_pose_is_that_of_the_image(node: Node) -> None:
    placement, buffer, _ = opened(node, target_frame='odom')
    buffer.pose = camera_at(1.0)
    assert placement.pose_in('odom', header(frame_id='eye'), 77) is buffer.pose
    assert buffer.asked == [('odom', 'eye', 77)]


def test_a_missing_pose_is_logged_after_a_second_and_again_when_it_is_back(
        node: Node, clock: Clock) -> None:
    placement, buffer, log = opened(node, target_frame='odom')
    for _ in range(20):
        assert placement.pose_in('odom', header(), 5) is None
        assert "no frame 'odom'" in placement.target.problem
        clock.now += 0.1
    assert len(log) == 1 and log[0] == "people are not published: TF has no frame 'odom'"
    buffer.pose = camera_at(1.0)
    for _ in range(20):
        placement.pose_in('odom', header(), 5)
        clock.now += 0.1
    assert len(log) == 2 and 'tells again' in log[1]
    assert not placement.target.problem
    buffer.pose = InputError('gone')
    for _ in range(400):
        placement.pose_in('odom', header(), 5)
        clock.now += 0.1
    assert log[2:] == ['people are not published: gone'] * 2  # it goes on for 40 s


def test_a_pose_that_is_missing_now_and_then_is_logged(node: Node, clock: Clock) -> None:
    placement, buffer, log = opened(node, target_frame='odom')
    for i in range(40):
        buffer.pose = InputError('late') if i % 2 else camera_at(1.0)
        placement.pose_in('odom', header(), 5)
        clock.now += 0.1
    assert log == ['people are not published: late']


def test_images_without_a_frame_id_are_named(node: Node) -> None:
    placement, _, _ = opened(node, target_frame='odom')
    assert placement.pose_in('odom', header(frame_id=''), 5) is None
    assert 'header.frame_id' in placement.target.problem


@pytest.mark.parametrize('height, pitch', [(1.2, 0.0), (0.4, -0.2), (2.5, 0.6)])
def test_the_floor_is_that_of_camera_height_and_pitch(node: Node, height, pitch) -> None:
    placement, buffer, _ = opened(node, floor='base_footprint')
    buffer.pose = camera_at(height, pitch)
    found, wanted = placement.floor_below('base_footprint', header(), 5), floor_below(height, pitch)
    np.testing.assert_allclose(found.normal, wanted.normal, atol=1e-9)
    assert found.height == pytest.approx(height)
    assert buffer.asked[0][0] == 'base_footprint'


def test_a_camera_below_the_floor_is_named(node: Node) -> None:
    placement, buffer, _ = opened(node, floor='base_link')
    buffer.pose = camera_at(-0.1)
    assert placement.floor_below('base_link', header(), 5) is None
    for word in ('-0.1', "'base_link' must be on the floor"):
        assert word in placement.floor.problem


@pytest.mark.parametrize('name', ['target_frame', 'floor'])
@pytest.mark.parametrize('value', ['/odom', ' odom', 'odom '])
def test_names_that_no_frame_has_are_refused_with_the_right_one(name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"{name} = .* write 'odom'"):
        FramesConfig(**{name: value})
