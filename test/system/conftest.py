# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Fixtures for tests with ROS processes."""

from support.ros_fixtures import calibration, clip, listener, ros, start

__all__ = ['calibration', 'clip', 'listener', 'ros', 'start']
