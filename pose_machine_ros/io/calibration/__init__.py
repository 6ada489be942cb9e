# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What drivers and files say of a camera, and the camera that it makes. Knows no ROS."""

from pose_machine_ros.io.calibration.calibration import Calibration

__all__ = ['Calibration']
