# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Crops of people from a frame at the input size of a network, and keypoints back in the frame.

A region is a rotated square of the image, (u, v, side, angle): its centre and side in px, and the
angle in radians by which it is rotated clockwise. Where a region reaches over the image, the crop
is black. OpenCV crops on the CPU, and torch on a GPU. Both give the same crops.
"""

from __future__ import annotations

import functools
import math

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from pose_machine_ros.io.images.shrink import halve, shrink

UploadedImage = np.ndarray | Tensor  # (H, W, 3) uint8 BGR: an array on the CPU, a tensor on a GPU
# px of the frame between samples; a sample is a weighted mean over twice the distance of pixels.
_SAMPLE_STEP = 2.0
_MOST_SAMPLES = 4  # in each direction, for the memory that they need


def crop(frame: UploadedImage, regions: np.ndarray, size: int) -> Tensor:
    """Return crops (P, size, size, 3) uint8 BGR of `regions` (P, 4)."""
    if isinstance(frame, Tensor):
        matrices = torch.from_numpy(to_image_matrices(regions, size)).to(frame.device)
        return sample(frame, matrices, size).round().to(torch.uint8)
    out = np.empty((len(regions), size, size, 3), np.uint8)
    for region, part in zip(regions, out):
        _crop_array(frame, region, part)
    return torch.from_numpy(out)


def to_image(keypoints: np.ndarray, regions: np.ndarray, size: int) -> np.ndarray:
    """Return keypoints (P, K, 3), given in px of the crops, in px of the image; scores stay."""
    out = keypoints.copy()
    for points, region in zip(out, regions):
        matrix = _to_image(region, size)
        points[:, :2] = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    return out


def to_image_matrices(regions: np.ndarray, size: int) -> np.ndarray:
    """Return (P, 2, 3) float32: the affine maps from px of the crops to px of the image."""
    return np.stack([_to_image(region, size) for region in regions]).astype(np.float32)


def axes(angle: float) -> np.ndarray:
    """Return (2, 2) whose columns are the axes of a rotated crop, right and down, in the image."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _to_image(region: np.ndarray, size: int) -> np.ndarray:
    """Return the affine matrix (2, 3) from px of the crop to px of the image."""
    u, v, side, angle = region
    # Pixel centres are at whole numbers in both; a pixel of the crop covers side / size px.
    linear = side / size * axes(angle)
    middle = np.full(2, (size - 1) / 2)
    return np.column_stack((linear, np.array([u, v]) - linear @ middle))


def undo_rotation(points: np.ndarray, shape: tuple[int, ...], rotation: int) -> np.ndarray:
    """Return points (..., 2), given in px of a rotated frame, in px of the original frame.

    `shape` (H, W) is that of the original frame; `rotation`, a multiple of 90, is the clockwise
    angle in degrees by which the frame was rotated.
    """
    middle = (np.array(shape[1::-1]) - 1) / 2
    middle_rotated = middle[::-1] if rotation % 180 else middle
    return (points - middle_rotated) @ axes(upright_angle(rotation)).T + middle


def upright_angle(rotation: int) -> float:
    """Return the angle, radians, of a region that shows people upright.

    `rotation` is the clockwise angle in degrees by which the image has to be turned for that.
    """
    return -math.radians(rotation)


def letterbox(frame: UploadedImage, long_side: int, multiple: int,
              rotation: int = 0) -> tuple[Tensor, float]:
    """Resize a frame to a longer side of `long_side` px; return it (1, H, W, 3), and the scale.

    The frame is then rotated clockwise by `rotation` degrees, a multiple of 90, and padded with
    black below and at the right to multiples of `multiple`. Frames are never enlarged.
    """
    height, width = frame.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    rows, columns = (max(round(side * scale), 1) for side in (height, width))
    if isinstance(frame, Tensor):
        planes = frame.permute(2, 0, 1)[None].float()
        small = functional.interpolate(planes, (rows, columns), mode='bilinear', antialias=True)
        small = torch.rot90(small[0].permute(1, 2, 0).round().to(torch.uint8), -rotation // 90)
        rows, columns = small.shape[:2]
        padded = frame.new_zeros(_round_up(rows, multiple), _round_up(columns, multiple), 3)
        padded[:rows, :columns] = small
        return padded[None], scale
    small = np.rot90(shrink(frame, (columns, rows)), -rotation // 90)
    rows, columns = small.shape[:2]
    below, right = (_round_up(side, multiple) - side for side in (rows, columns))
    if below or right:
        small = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_CONSTANT, value=0)
    return torch.from_numpy(np.ascontiguousarray(small))[None], scale


def _round_up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple


def _crop_array(image: np.ndarray, region: np.ndarray, crop: np.ndarray) -> None:
    """Fill `crop` (S, S, 3): shrink the surroundings of the region by area averages, then rotate.

    The averages avoid aliasing.
    """
    size = len(crop)
    matrix = _to_image(region, size)
    if (scale := size / region[2]) < 1:
        corners = np.array([[-1, -1], [size, -1], [size, size], [-1, size]])
        corners = corners @ matrix[:, :2].T + matrix[:, 2]
        left, top = np.clip(np.floor(corners.min(0)).astype(int), 0, None)
        right, bottom = np.clip(np.ceil(corners.max(0)).astype(int) + 1, 0, None)
        image = image[top:bottom, left:right]
        if image.size == 0:  # the region is outside of the frame
            crop[:] = 0
            return
        matrix[:, 2] -= left, top
        # Means of 2 x 2 pixels cost next to nothing, and means of any other area grow with it.
        while scale <= 0.5 and min(image.shape[:2]) > 1:
            image = halve(image)
            matrix[:, 2] = (matrix[:, 2] + 0.5) / 2 - 0.5
            matrix[:, :2] /= 2
            scale *= 2
        whole = np.array(image.shape[1::-1])
        shape = np.maximum(np.round(whole * scale), 1).astype(int)
        image = cv2.resize(image, tuple(shape.tolist()), interpolation=cv2.INTER_AREA)
        shrunk = shape / whole
        matrix[:, 2] = (matrix[:, 2] + 0.5) * shrunk - 0.5
        matrix[:, :2] *= shrunk[:, None]
    cv2.warpAffine(image, matrix, (size, size), dst=crop,
                   flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def sample(frame: Tensor, matrices: Tensor, size: int) -> Tensor:
    """Return crops (P, S, S, 3), float32 from 0 to 255, of a frame (H, W, 3) on its device.

    `matrices` (P, 2, 3) are those of `to_image_matrices`. A pixel of a crop is the mean of samples
    between pixels of the frame. Their number depends on the size of the frame only, so that this
    can be part of a CUDA graph: it is enough for a crop as large as the frame.
    """
    height, width = frame.shape[:2]
    fine = min(max(math.ceil(max(height, width) / size / _SAMPLE_STEP), 1), _MOST_SAMPLES)
    scale, shift = _normalization(height, width, frame.device)
    places = _sample_places(fine, size, frame.device) @ torch.addcmul(shift, scale, matrices).mT
    planes = frame.permute(2, 0, 1)[None].float()
    # All crops below each other: one picture, from one frame.
    samples = functional.grid_sample(
        planes, places.view(1, -1, fine * size, 2), align_corners=False)
    crops = functional.avg_pool2d(samples, fine) if fine > 1 else samples
    return crops.view(3, -1, size, size).permute(1, 2, 3, 0)


@functools.cache
def _sample_places(fine: int, size: int, device: torch.device) -> Tensor:
    """Return u, v, 1 (N, 3) of the samples in px of a crop; `fine` of them in a pixel's width."""
    steps = (torch.arange(fine * size, device=device) + 0.5) / fine - 0.5
    across, down = torch.meshgrid(steps, steps, indexing='xy')
    return torch.stack((across, down, torch.ones_like(across)), -1).flatten(0, 1)


@functools.cache
def _normalization(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return factor (2, 1) and summand (2, 3) that turn matrices to px into those to [-1, 1]."""
    sides = torch.tensor((width, height), device=device)[:, None]
    return 2 / sides, functional.pad(1 / sides - 1, (2, 0))
