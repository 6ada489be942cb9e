# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A ROS domain of this test run's own, with a transport that carries images."""

from __future__ import annotations

from collections.abc import Iterator
import os
from pathlib import Path

import pytest

os.environ['ROS_DOMAIN_ID'] = str(1 + os.getpid() % 100)
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
os.environ['FASTDDS_DEFAULT_PROFILES_FILE'] = str(
    Path(__file__).parents[2] / 'config' / 'fastdds.xml')


@pytest.fixture
def ros() -> Iterator[None]:
    """Let rclpy run during a test."""
    import rclpy
    rclpy.init(args=[])
    yield
    rclpy.try_shutdown()
