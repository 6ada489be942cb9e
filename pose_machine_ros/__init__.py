# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""3D human pose from one ordinary camera: skeletons in metres, in the camera's frame."""

__version__ = '1.0.0'
