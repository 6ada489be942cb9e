# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A node that subscribes, and a driver that publishes from another participant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import rclpy
from rclpy.node import Node


@pytest.fixture
def node(ros: None) -> Iterator[Node]:
    made = rclpy.create_node('subscriber_test')
    yield made
    made.destroy_node()


@pytest.fixture
def driver() -> Iterator[Node]:
    """Make a node in a DDS participant of its own, like that of another process."""
    context = rclpy.Context()
    context.init(args=[])
    made = rclpy.create_node('driver', context=context)
    yield made
    made.destroy_node()
    context.try_shutdown()
