# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A Calibration as sensor_msgs/CameraInfo."""

from __future__ import annotations

import numpy as np
from sensor_msgs.msg import CameraInfo

from pose_machine_ros.camera.distortion_models import camera_info_distortion, make_lens, PLUMB_BOB
from pose_machine_ros.io.calibration import Calibration


def camera_info(calibration: Calibration) -> CameraInfo:
    """Return the message, with a name of the distortion model that all ROS packages know.

    If the calibration has no projection matrix, P is [K | 0] for a lens without distortion, and
    zero otherwise. Raises InputError for a distortion model that is not supported.
    """
    info = CameraInfo(width=calibration.width, height=calibration.height)
    info.k = calibration.matrix
    info.p = calibration.projection
    if calibration.binning != (1, 1):  # left at 0, which means the same as 1
        info.binning_x, info.binning_y = calibration.binning
    roi = info.roi
    roi.x_offset, roi.y_offset, roi.width, roi.height = calibration.roi
    if any(calibration.matrix[:8]):
        lens = make_lens(calibration.distortion_model, np.array(calibration.distortion))
        info.distortion_model, info.d = camera_info_distortion(lens)
        info.r = np.eye(3).ravel()
        if not any(calibration.projection) and info.distortion_model == PLUMB_BOB \
                and not any(info.d):
            info.p = np.pad(np.reshape(calibration.matrix, (3, 3)), ((0, 0), (0, 1))).ravel()
    return info
