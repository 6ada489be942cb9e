# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Calibrations that cannot be true, and some that hardly can.

Drivers publish such where they have none: a focal length of 1 px, the identity, another camera's
numbers. A distance that follows from them is worse than one that is known to be a guess.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from pose_machine_ros.camera import Camera
from pose_machine_ros.camera.lenses import BrownConrady

_WIDEST, _NARROWEST = 175.0, 0.5  # degrees over the image's width or height
_MOST_OBLONG = 4.0  # focal lengths of one pixel's two sides
_OFF_CENTRE = 0.3  # of the image's side: a principal point nearer to the border is suspicious
_FOLDED = 0.25  # share of the image without rays
_LEAST_DRAWN = 0.1  # share of the image that a fisheye draws
_LEAST_WIDE = math.radians(50)  # from the axis: a fisheye that draws a circle is wider
_SHRUNK = 0.5  # of the field of view that the matrix alone would have
_GRID = 25  # points across and down


def impossible(camera: Camera, undrawn: float) -> str:
    """Return why the calibration of full images cannot be true; empty if it can be.

    `undrawn` is the share of the image without rays.
    """
    matrix = camera.matrix
    size = np.array([camera.width, camera.height])
    focal, centre = np.array([matrix[0, 0], matrix[1, 1]]), matrix[:2, 2]
    if (centre <= 0).any() or (centre > size - 1).any():
        return (f'its principal point ({centre[0]:g}, {centre[1]:g}) px is not inside the image of '
                f'{camera.width}x{camera.height}')
    if not 1 / _MOST_OBLONG < focal[0] / focal[1] < _MOST_OBLONG:
        return f'its focal lengths {focal[0]:g} and {focal[1]:g} px are of different cameras'
    is_flat = isinstance(camera.lens, BrownConrady)
    for side, ends in zip(('width', 'height'), _ends(camera)):
        straight, angle = _without_distortion(camera, ends), _angle(camera, ends)
        for a in (straight, angle):
            if is_flat and a > _WIDEST or a < _NARROWEST:  # NaN is neither
                return (f'a focal length of {focal[0]:g} px makes a field of view of {a:.1f} '
                        f'degrees over the {side}')
        if angle < _SHRUNK * straight:
            return f'{_distortion(camera)} leaves {angle:.1f} degrees of the field of view'
    if is_flat and undrawn > _FOLDED or undrawn > _FOLDED and camera.lens.widest < _LEAST_WIDE:
        return f'{_distortion(camera)} folds {undrawn:.0%} of the image'
    if undrawn > 1 - _LEAST_DRAWN:
        return (f'with a focal length of {focal[0]:g} px the lens draws {1 - undrawn:.0%} of the '
                'image')
    return ''


def suspicious(camera: Camera, undrawn: float, binning: tuple[int, int]) -> str:
    """Return what looks wrong with the calibration of full images; empty if nothing does."""
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
    if undrawn and isinstance(camera.lens, BrownConrady):
        return (f'the distortion folds the border of the image ({undrawn:.0%} of it): keypoints '
                'there count as unseen. Calibrate with the board in the corners too')
    if skew := camera.matrix[0, 1]:
        return f'K has a skew of {skew:g} px, which is ignored, as OpenCV ignores it'
    return ''


def share_without_rays(camera: Camera) -> float:
    """Return the share of the image in [0, 1] where the lens draws nothing."""
    across, down = (torch.linspace(0, side - 1, _GRID, dtype=torch.float64)
                    for side in (camera.width, camera.height))
    pixels = torch.stack(torch.meshgrid(across, down, indexing='xy'), -1)
    return float(camera.rays(pixels).isnan().any(-1).double().mean())


def _distortion(camera: Camera) -> str:
    return f'its distortion {np.trim_zeros(camera.distortion, "b").tolist()}'


def _ends(camera: Camera) -> tuple[list[list[float]], list[list[float]]]:
    """Return the pixels at the left and right end, and at the upper and lower one."""
    (u, v), right, down = camera.matrix[:2, 2].tolist(), camera.width - 0.5, camera.height - 0.5
    return [[-0.5, v], [right, v]], [[u, -0.5], [u, down]]


def _angle(camera: Camera, pixels: list[list[float]]) -> float:
    """Return twice the larger angle, degrees, of two pixels from the optical axis."""
    rays = camera.rays(torch.tensor(pixels, dtype=torch.float64))
    return float(2 * torch.atan2(rays[:, :2].norm(dim=-1), rays[:, 2]).max().rad2deg())


def _without_distortion(camera: Camera, pixels: list[list[float]]) -> float:
    """Return `_angle` of the same matrix with a lens of the same kind, and no distortion."""
    straight = Camera(camera.matrix, camera.width, camera.height,
                      distortion_model=camera.distortion_model
                      if not isinstance(camera.lens, BrownConrady) else 'plumb_bob')
    return _angle(straight, pixels)
