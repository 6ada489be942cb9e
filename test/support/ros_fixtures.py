# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Fixtures for tests with ROS, in a domain of their own with a transport for large images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import os
from pathlib import Path

import pytest
import rclpy
from support.clips import FRAMES, write_clip
from support.processes import Listener, NodeProcess

from pose_machine_ros.processes.domain import private_environment
from pose_machine_ros.ros.runtime.distributions import local_discovery, profile_variable

_PRIVATE = private_environment()
os.environ.update({name: _PRIVATE[name] for name in (
    'ROS_DOMAIN_ID', *local_discovery(), profile_variable())})


@pytest.fixture
def ros() -> Iterator[None]:
    """Initialize rclpy for a test."""
    rclpy.init(args=[])
    yield
    rclpy.try_shutdown()


@pytest.fixture
def start() -> Iterator[Callable[..., NodeProcess]]:
    """Start node processes that end with the test, also if it fails."""
    started: list[NodeProcess] = []

    def launch(module: str, *arguments: object, **values: object) -> NodeProcess:
        started.append(NodeProcess(module, *arguments, **values))
        return started[-1]

    yield launch
    for process in started:
        process.kill()


@pytest.fixture
def listener(ros: None) -> Iterator[Listener]:
    """Keep the results of the node `pose_machine`."""
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Write a video of two people."""
    return write_clip(tmp_path / 'clip.avi', FRAMES)


@pytest.fixture
def calibration(tmp_path: Path) -> Path:
    """Write a calibration for the full size of the photograph."""
    path = tmp_path / 'camera.yaml'
    path.write_text("""
image_width: 405
image_height: 720
camera_matrix: {rows: 3, cols: 3, data: [700, 0, 202, 0, 700, 359.5, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [0, 0, 0, 0, 0]}
""")
    return path
