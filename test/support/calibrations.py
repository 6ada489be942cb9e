# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Calibrations as drivers publish them."""

from __future__ import annotations

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.distortion_models import camera_info_distortion
from pose_machine_ros.io.calibration import Calibration


def calibration_of(camera: Camera) -> Calibration:
    """Return what a driver publishes for `camera`; all zero if it is not calibrated."""
    if not camera.calibrated:
        return Calibration(camera.width, camera.height)
    model, distortion = camera_info_distortion(camera.lens)
    return Calibration(camera.width, camera.height, tuple(camera.matrix.ravel().tolist()),
                       tuple(distortion), model)
