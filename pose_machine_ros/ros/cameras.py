# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""sensor_msgs/CameraInfo to a Camera, and back."""

from __future__ import annotations

import numpy as np
from sensor_msgs.msg import CameraInfo

from pose_machine_ros.camera import Camera
from pose_machine_ros.errors import InputError

_COEFFICIENTS = {'plumb_bob': (4, 5), 'rational_polynomial': (8,)}
_FISHEYE = ('equidistant', 'fisheye')  # with all coefficients zero it is no pinhole either
_ASPECT_TOLERANCE = 0.01


def camera_from_info(info: CameraInfo, width: int, height: int, fov_degrees: float,
                     rectified: bool = False) -> Camera:
    """Return the camera that took images of `width` x `height` px.

    Images as they were taken have the intrinsics K and the distortion D, `rectified` ones those of
    P and none. Where K has no focal length, or K or D is not finite, the camera is not calibrated,
    and is guessed from its field of view over the longer side (`calibrated` is False then). A
    region of interest is cut out, binning scales the intrinsics; so does resizing, where the aspect
    ratio stays. Raises InputError where it doesn't, for an unknown distortion model, and for
    rectified images of a calibrated camera without P.
    """
    intrinsics = _intrinsics(info, rectified)
    if intrinsics is None:
        return Camera.from_fov(width, height, fov_degrees)
    matrix, distortion = intrinsics
    full = (info.width, info.height)
    if full in ((0, 0), (width, height)):  # not filled in is the image's
        return Camera(matrix, width, height, distortion)
    roi = info.roi
    if roi.width and roi.height:  # K and P are those of the full image
        matrix = matrix - np.array([[0, 0, roi.x_offset], [0, 0, roi.y_offset], [0, 0, 0]])
        full = (roi.width, roi.height)
    camera = Camera(matrix, *full, distortion)
    binned = (full[0] // max(info.binning_x, 1), full[1] // max(info.binning_y, 1))
    return _resized(camera, width, height) if binned == (width, height) \
        else scale_camera(camera, width, height)


def info_from_camera(camera: Camera) -> CameraInfo:
    """Return the CameraInfo of a camera; K is all zero where it is not calibrated."""
    info = CameraInfo(width=camera.width, height=camera.height)
    if camera.calibrated:
        rational = camera.distortion[5:].any()
        info.distortion_model = 'rational_polynomial' if rational else 'plumb_bob'
        info.d = camera.distortion[:8 if rational else 5].tolist()
        info.k = camera.matrix.ravel()
        info.r = np.eye(3).ravel()
        info.p = np.pad(camera.matrix, ((0, 0), (0, 1))).ravel()
    return info


def scale_camera(camera: Camera, width: int, height: int) -> Camera:
    """Return the camera for its images resized to `width` x `height` px.

    Raises InputError where that would change the aspect ratio.
    """
    if (camera.width, camera.height) == (width, height):
        return camera
    if abs(camera.width * height / (camera.height * width) - 1) > _ASPECT_TOLERANCE:
        raise InputError(
            f'the calibration is for {camera.width}x{camera.height} px, the image is '
            f'{width}x{height}, which is no scaled copy of it; calibrate the camera at the size it '
            'publishes')
    return _resized(camera, width, height)


def _resized(camera: Camera, width: int, height: int) -> Camera:
    scale = np.array([width / camera.width, height / camera.height])
    matrix = camera.matrix.copy()
    matrix[:2] *= scale[:, None]
    # Pixel centres are at whole numbers: what stays in place is the corner half a pixel before 0
    matrix[:2, 2] = (camera.matrix[:2, 2] + 0.5) * scale - 0.5
    return Camera(matrix, width, height, camera.distortion, camera.calibrated)


def _intrinsics(info: CameraInfo, rectified: bool) -> tuple[np.ndarray, np.ndarray] | None:
    """Return matrix and distortion coefficients; None for a camera that is not calibrated."""
    matrix = np.asarray(info.k, np.float64).reshape(3, 3)
    is_calibrated = _has_focal_length(matrix) and bool(np.isfinite(info.d).all())
    if not rectified:
        return (matrix, _distortion(info)) if is_calibrated else None
    matrix = np.asarray(info.p, np.float64).reshape(3, 4)[:, :3]
    if _has_focal_length(matrix):
        return matrix, np.zeros(0)
    if is_calibrated:
        raise InputError(
            f'camera_info has P = {info.p.tolist()}, which rectified images can not have: let the '
            'driver load a calibration with a projection_matrix, or set image.rectified to false '
            'where the images are not rectified')
    return None


def _has_focal_length(matrix: np.ndarray) -> bool:
    return bool(np.isfinite(matrix).all() and matrix[0, 0] > 0 and matrix[1, 1] > 0)


def _distortion(info: CameraInfo) -> np.ndarray:
    coefficients = np.asarray(info.d, np.float64)
    if not coefficients.any() and info.distortion_model not in _FISHEYE:  # whatever it is called
        return np.zeros(0)
    if coefficients.size not in _COEFFICIENTS.get(info.distortion_model, ()):
        raise InputError(
            f'camera_info has distortion model {info.distortion_model!r} with {coefficients.size} '
            'coefficients; plumb_bob (4 or 5) and rational_polynomial (8) are supported: calibrate '
            'with one of them, or rectify the images (image_proc), remap image to image_rect and '
            'set image.rectified to true')
    return coefficients
