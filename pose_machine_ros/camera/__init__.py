# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The camera model: intrinsics, lens distortion, rotation of the image."""

from pose_machine_ros.camera.camera import Camera, DEFAULT_FOV

__all__ = ['Camera', 'DEFAULT_FOV']
