# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Publishers of another version are found by the hash of their type.

One process cannot have two versions of a message, so the hash that a node's subscription has is
replaced.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import rclpy
from rclpy.node import Node
from support.processes import PATIENCE, wait_until

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.ros.runtime.message_versions import publishers_of_another_version

TOPIC = '/camera/pose_machine/skeletons'


class Endpoint:
    """A TopicEndpointInfo with another hash."""

    topic_type_hash = 'RIHS01_other'

    def __init__(self, info: object) -> None:
        self.topic_type = info.topic_type
        self.node_name, self.node_namespace = info.node_name, info.node_namespace


@pytest.fixture
def nodes(ros: None) -> Iterator[tuple[Node, Node]]:
    """Return a node that subscribes, and one that publishes the same topic."""
    here, there = rclpy.create_node('here'), rclpy.create_node('pose', namespace='camera')
    here.create_subscription(Skeleton3DArray, TOPIC, lambda _: None, 1)
    there.create_publisher(Skeleton3DArray, 'pose_machine/skeletons', 1)
    wait_until(lambda: here.get_publishers_info_by_topic(TOPIC)
               and here.get_subscriptions_info_by_topic(TOPIC), PATIENCE,
               lambda: 'not found')
    yield here, there
    here.destroy_node()
    there.destroy_node()


def test_the_same_version_is_no_other_one(nodes: tuple[Node, Node]) -> None:
    assert publishers_of_another_version(nodes[0], TOPIC) == []


def test_a_publisher_of_another_version_is_named(
        nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch) -> None:
    real = nodes[0].get_publishers_info_by_topic(TOPIC)
    monkeypatch.setattr(nodes[0], 'get_publishers_info_by_topic',
                        lambda topic: [Endpoint(info) for info in real])
    assert publishers_of_another_version(nodes[0], TOPIC) == ['/camera/pose']


def test_another_type_is_not_another_version(
        nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch) -> None:
    text = Endpoint(nodes[0].get_publishers_info_by_topic(TOPIC)[0])
    text.topic_type = 'std_msgs/msg/String'
    monkeypatch.setattr(nodes[0], 'get_publishers_info_by_topic', lambda topic: [text])
    assert publishers_of_another_version(nodes[0], TOPIC) == []
