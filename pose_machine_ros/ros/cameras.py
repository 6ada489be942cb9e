# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""sensor_msgs/CameraInfo to a Camera."""

from __future__ import annotations

import numpy as np
from sensor_msgs.msg import CameraInfo

from pose_machine_ros.camera import Camera
from pose_machine_ros.errors import InputError

_COEFFICIENTS = {'plumb_bob': (4, 5), 'rational_polynomial': (8,)}
_ASPECT_TOLERANCE = 0.01


def camera_from_info(info: CameraInfo, width: int, height: int, fov_degrees: float) -> Camera:
    """Return the camera that took images of `width` x `height` px.

    Where K is zero or not finite the camera is not calibrated, and is guessed from its field of view
    over the longer side (`calibrated` is False then). Intrinsics of another size are scaled where the
    aspect ratio is the same. Raises InputError where it isn't, and for an unknown distortion model.
    """
    matrix = np.asarray(info.k, np.float64).reshape(3, 3)
    if not np.isfinite(matrix).all() or matrix[0, 0] == 0:
        return Camera.from_fov(width, height, fov_degrees)
    distortion = _distortion(info)
    if (info.width, info.height) in ((width, height), (0, 0)):
        return Camera(matrix, width, height, distortion)
    if info.width == 0 or info.height == 0 or abs(
            info.width * height / (info.height * width) - 1) > _ASPECT_TOLERANCE:
        raise InputError(
            f'camera_info is for {info.width}x{info.height} px, the image is {width}x{height}, '
            'which is no scaled copy of it; calibrate the camera at the size it publishes')
    scale = np.array([width / info.width, height / info.height])
    return Camera(scale_matrix(matrix, scale), width, height, distortion)


def scale_matrix(matrix: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return intrinsics (3, 3) of an image resized by `scale` (x, y).

    Pixel centres are at whole numbers, so that the image's corner, half a pixel before the first
    centre, is what stays in place.
    """
    scaled = matrix.copy()
    scaled[:2, :2] *= scale[:, None]
    scaled[:2, 2] = (matrix[:2, 2] + 0.5) * scale - 0.5
    return scaled


def _distortion(info: CameraInfo) -> np.ndarray:
    coefficients = np.asarray(info.d, np.float64)
    if not coefficients.any():  # no distortion, by whatever model
        return np.zeros(0)
    if coefficients.size not in _COEFFICIENTS.get(info.distortion_model, ()):
        raise InputError(
            f'camera_info has distortion model {info.distortion_model!r} with {coefficients.size} '
            'coefficients; plumb_bob (4 or 5) and rational_polynomial (8) are supported: calibrate '
            'with one of them, or rectify the images (image_proc) and subscribe to those')
    return coefficients
