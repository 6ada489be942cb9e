# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Transforms arrive over DDS, latched ones too; with and without tf2."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from rclpy.node import Node
from support.subscriptions import spin_until
from support.transforms import stamped
from tf2_msgs.msg import TFMessage

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.input import transform_buffer as module
from pose_machine_ros.ros.input.transform_buffer import STATIC_TF_QOS, TF_QOS, TransformBuffer

S = 10**9
START = 1_700_000_000 * S
TURN = RigidTransform.from_quaternion(np.array([0, 0, 1, 1]), np.array([1, 2, 3]))


def found(buffer: TransformBuffer, target: str, source: str, stamp_ns: int) -> bool:
    try:
        buffer.lookup(target, source, stamp_ns)
    except InputError:
        return False
    return True


def test_static_transforms_from_before_and_moving_ones_arrive(node: Node, driver: Node) -> None:
    static = driver.create_publisher(TFMessage, '/tf_static', STATIC_TF_QOS)
    static.publish(TFMessage(transforms=[stamped('base', 'eye', TURN, 0)]))
    moving = driver.create_publisher(TFMessage, '/tf', TF_QOS)
    buffer = TransformBuffer(node)
    spin_until(node, lambda: found(buffer, 'base', 'eye', START))

    def arrived() -> bool:
        moving.publish(TFMessage(transforms=[
            stamped('odom', 'base', RigidTransform(translation=np.array([x, 0, 0])), START + t)
            for x, t in ((0, 0), (1, S))]))
        return found(buffer, 'odom', 'eye', START)

    spin_until(node, arrived)
    pose = buffer.lookup('odom', 'eye', START + S // 2)
    np.testing.assert_allclose(pose.rotation, TURN.rotation, atol=1e-9)
    np.testing.assert_allclose(pose.translation, (1.5, 2, 3), atol=1e-9)
    buffer.close()
    assert not [s for s in node.subscriptions if s.topic_name.startswith('/tf')]


def test_an_unusable_transform_is_logged_and_the_others_count(
        node: Node, log: Callable[[], list[str]]) -> None:
    buffer = TransformBuffer(node)
    bad = stamped('odom', 'base', TURN, START)
    bad.transform.rotation.w = float('nan')
    buffer._transforms._on_transforms(TFMessage(transforms=[bad, stamped('a', 'b', TURN, START)]))
    assert found(buffer, 'a', 'b', START) and not found(buffer, 'odom', 'base', START)
    assert any("'base' in 'odom' is not usable" in line for line in log())
    buffer.close()


def test_two_parents_are_logged_by_name(node: Node, log: Callable[[], list[str]]) -> None:
    buffer = TransformBuffer(node)
    for i, parent in enumerate(('base', 'head', 'base')):
        buffer._transforms._on_transforms(
            TFMessage(transforms=[stamped(parent, 'eye', TURN, START + i)]))
    assert any("'eye' has two parents" in line for line in log())
    buffer.close()


@pytest.fixture
def log(node: Node, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Return the warnings of the node so far."""
    lines: list[str] = []
    logger = node.get_logger()
    monkeypatch.setattr(logger, 'warning', lambda text, **_: lines.append(text))
    monkeypatch.setattr(node, 'get_logger', lambda: logger)
    return lambda: lines


def test_without_tf2_msgs_it_says_what_to_install(
        node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, 'TFMessage', None)
    with pytest.raises(InputError, match='tf2_msgs is not installed'):
        TransformBuffer(node)
