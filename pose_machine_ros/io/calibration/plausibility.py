# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Checks for impossible and for suspicious calibrations.

Some drivers without a calibration publish placeholders: a focal length of 1 px, the identity, the
values of another camera. A distance computed from them is worse than one that is marked as a guess.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.lenses import BrownConrady

_MAX_FOV, _MIN_FOV = 175.0, 0.5  # degrees over the image's width or height
_MAX_PIXEL_ASPECT = 4.0  # ratio of the two focal lengths
_OFF_CENTRE = 0.3  # of the image's side; a principal point nearer to the border is suspicious
_MAX_UNMAPPED = 0.25  # fraction of the image without rays
_MIN_MAPPED = 0.1  # fraction of the image with rays, for a fisheye
_MIN_FISHEYE_ANGLE = math.radians(50)  # from the axis; circular fisheyes are wider
_MIN_FOV_SHARE = 0.5  # of the field of view without distortion
_GRID = 25  # points in each direction


def reason_to_reject(camera: Camera, unmapped: float) -> str:
    """Return why a calibration of full images is impossible; empty if it is possible.

    `unmapped` is the fraction of the image without rays.
    """
    matrix = camera.matrix
    size = np.array([camera.width, camera.height])
    focal, centre = np.array([matrix[0, 0], matrix[1, 1]]), matrix[:2, 2]
    if (centre <= 0).any() or (centre > size - 1).any():
        return (f'its principal point ({centre[0]:g}, {centre[1]:g}) px is not inside the image of '
                f'{camera.width}x{camera.height}')
    if not 1 / _MAX_PIXEL_ASPECT < focal[0] / focal[1] < _MAX_PIXEL_ASPECT:
        return f'its focal lengths {focal[0]:g} and {focal[1]:g} px are of different cameras'
    is_pinhole = isinstance(camera.lens, BrownConrady)
    for side, ends in zip(('width', 'height'), _ends(camera)):
        straight, angle = _without_distortion(camera, ends), _angle(camera, ends)
        for a in (straight, angle):
            if is_pinhole and a > _MAX_FOV or a < _MIN_FOV:  # NaN is neither
                return (f'a focal length of {focal[0]:g} px makes a field of view of {a:.1f} '
                        f'degrees over the {side}')
        if angle < _MIN_FOV_SHARE * straight:
            return f'{_distortion(camera)} leaves {angle:.1f} degrees of the field of view'
    if unmapped > _MAX_UNMAPPED and (is_pinhole or camera.lens.max_angle < _MIN_FISHEYE_ANGLE):
        return f'{_distortion(camera)} folds {unmapped:.0%} of the image'
    if unmapped > 1 - _MIN_MAPPED:
        return (f'with a focal length of {focal[0]:g} px the lens covers {1 - unmapped:.0%} of the '
                'image')
    return ''


def reason_to_warn(camera: Camera, unmapped: float, binning: tuple[int, int]) -> str:
    """Return what is suspicious about a calibration of full images; empty if nothing is.

    `unmapped` as in `reason_to_reject`; `binning` is that of the camera, columns and rows.
    """
    size = np.array([camera.width, camera.height])
    centre = camera.matrix[:2, 2]
    is_off = (np.abs(centre / size - 0.5) > 0.5 - _OFF_CENTRE).any()
    is_binned = max(binning) > 1 and (
        np.abs(centre * binning / size - 0.5) <= np.abs(centre / size - 0.5)).all()
    where = (f'the principal point ({centre[0]:g}, {centre[1]:g}) px is far from the middle of '
             f'{camera.width}x{camera.height}: ')
    if is_off and is_binned:
        return where + (f'K seems to be that of the binned image, and binning {binning[0]}x'
                        f'{binning[1]} is applied to it again. Give K of the full image, or width '
                        'and height of the binned one')
    if is_off:
        return where + 'check that the calibration belongs to this camera and image size'
    if unmapped and isinstance(camera.lens, BrownConrady):
        return (f'the distortion folds the border of the image ({unmapped:.0%} of it): keypoints '
                'there count as unseen. Calibrate with the board in the corners too')
    if skew := camera.matrix[0, 1]:
        return f'K has a skew of {skew:g} px, which is ignored, as OpenCV ignores it'
    return ''


def unmapped_fraction(camera: Camera) -> float:
    """Return the fraction of the image in [0, 1] for which the lens model has no rays."""
    across, down = (torch.linspace(0, side - 1, _GRID, dtype=torch.float64)
                    for side in (camera.width, camera.height))
    pixels = torch.stack(torch.meshgrid(across, down, indexing='xy'), -1)
    return float(camera.rays(pixels).isnan().any(-1).double().mean())


def _distortion(camera: Camera) -> str:
    return f'its distortion {np.trim_zeros(camera.distortion, "b").tolist()}'


def _ends(camera: Camera) -> tuple[list[list[float]], list[list[float]]]:
    """Return the pixels at the left and right border, and at the upper and lower border."""
    (u, v), right, down = camera.matrix[:2, 2].tolist(), camera.width - 0.5, camera.height - 0.5
    return [[-0.5, v], [right, v]], [[u, -0.5], [u, down]]


def _angle(camera: Camera, pixels: list[list[float]]) -> float:
    """Return twice the larger angle between two pixels and the optical axis, degrees."""
    rays = camera.rays(torch.tensor(pixels, dtype=torch.float64))
    return float(2 * torch.atan2(rays[:, :2].norm(dim=-1), rays[:, 2]).max().rad2deg())


def _without_distortion(camera: Camera, pixels: list[list[float]]) -> float:
    """Return `_angle` for the same matrix and kind of lens without distortion."""
    straight = Camera(camera.matrix, camera.width, camera.height,
                      distortion_model=camera.distortion_model
                      if not isinstance(camera.lens, BrownConrady) else 'plumb_bob')
    return _angle(straight, pixels)
