# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Depth at pixels of the colour image, from a depth image that is not registered to it.

Registering the whole image would cost more than everything else. So each ray of a pixel is followed
through the depth image, as in relief mapping (Policarpo et al., I3D 2005): the first place where
the surface is no longer behind the ray is what the pixel shows. A surface that only the depth
camera sees does not count.
"""

from __future__ import annotations

import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.depth.depth_image import DepthImage

_NEAREST = 0.25  # metres
_PIXELS = 1.0  # of the depth image, between two places of a ray
_FEWEST, _MOST = 16, 64  # places of a ray
_STEPS_BEHIND = 1.5  # of a ray; a surface this far before it hides it from the depth camera
_MARGIN = 0.02  # metres


def registered_depth(image: DepthImage, rays: np.ndarray, farthest: float) -> np.ndarray:
    """Return the depths (*) of what rays (*, 3) hit, along z of the frame of the rays.

    The rays are in the colour camera's frame, of any length. NaN for holes, for rays that do not
    point forwards, and for surfaces beyond `farthest` metres.
    """
    flat = rays.reshape(-1, 3)
    with np.errstate(divide='ignore', invalid='ignore'):
        flat = np.where(flat[:, 2:] > 1e-3, flat / flat[:, 2:], np.nan)
    to_depth = image.pose.inverse() if image.pose else None
    middle = flat[np.isfinite(flat[:, 0])]
    if not len(middle):
        return np.full(rays.shape[:-1], np.nan, np.float32)
    count = 1 if to_depth is None else _places(
        image, to_depth.apply(middle.mean(0) * np.array([[_NEAREST], [farthest]])))
    if to_depth is None:  # the same frame with other pixels
        return _at(image, flat)[0].reshape(rays.shape[:-1])
    # Evenly spaced in inverse depth, as pixels are along an epipolar line.
    depths = 1 / np.linspace(1 / _NEAREST, 1 / farthest, count)
    points = to_depth.apply(flat[:, None] * depths[:, None])  # (N, S, 3)
    measured, columns, rows = _at(image, points)
    gap = measured - points[..., 2]  # positive: the ray has not reached the surface
    steps = np.abs(np.gradient(points[..., 2], axis=1))
    with np.errstate(invalid='ignore'):
        is_hit = (gap <= 0) & (gap > -_STEPS_BEHIND * steps - _MARGIN)
    first = is_hit.argmax(1)
    found = is_hit.any(1)
    each = np.arange(len(flat))
    surface = _point(image.camera, columns[each, first], rows[each, first], measured[each, first])
    depth = image.pose.apply(surface)[:, 2].astype(np.float32)
    return np.where(found, depth, np.float32(np.nan)).reshape(rays.shape[:-1])


def _at(image: DepthImage, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the depths (*), and the columns and rows (*), that the image has at points (*, 3)."""
    pixels = image.camera.project(torch.from_numpy(points)).numpy()
    columns, rows = np.rint(np.nan_to_num(pixels, nan=-1)).clip(-1, 2**30).astype(int).T
    columns, rows = columns.T, rows.T
    return image.metres(columns, rows), columns, rows


def _places(image: DepthImage, ends: np.ndarray) -> int:
    """Return the number of places on a ray from one end to the other, (2, 3)."""
    pixels = image.camera.project(torch.from_numpy(ends)).numpy()
    length = np.linalg.norm(pixels[1] - pixels[0])
    if not np.isfinite(length):
        return _MOST
    return int(np.clip(length / _PIXELS, _FEWEST, _MOST))


def _point(camera: Camera, columns: np.ndarray, rows: np.ndarray,
           depth: np.ndarray) -> np.ndarray:
    """Return the points (N, 3) at pixels with these depths."""
    plane = camera.normalize(torch.from_numpy(np.stack((columns, rows), -1).astype(float))).numpy()
    return np.concatenate((plane, np.ones_like(plane[:, :1])), 1) * depth[:, None]
