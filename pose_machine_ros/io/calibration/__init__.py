# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Calibrations of drivers and of files, checked and turned into cameras; without ROS."""

from pose_machine_ros.io.calibration.calibration import Calibration
from pose_machine_ros.io.calibration.extrinsics import Extrinsics

__all__ = ['Calibration', 'Extrinsics']
