# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Cutting people out of a frame at the size a network wants, and taking keypoints back.

A region is a square of the image, (left, top, side) in px; it may reach outside, where the crop is
black. Two ways of cutting that agree: OpenCV on the CPU, and torch on a GPU, where the frame was
uploaded once, as bytes.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

Frame = np.ndarray | Tensor  # (H, W, 3) uint8 BGR: an array on the CPU, a tensor on a GPU


def upload(image: np.ndarray, device: torch.device) -> Frame:
    """Return the frame where it will be cut."""
    return image if device.type == 'cpu' else torch.from_numpy(image).to(device)


def crop(frame: Frame, regions: np.ndarray, size: int) -> Tensor:
    """Return crops (P, size, size, 3) uint8 BGR of square `regions` (P, 3)."""
    if isinstance(frame, Tensor):
        return _crop_torch(frame, regions, size)
    return torch.from_numpy(np.stack([_crop_array(frame, r, size) for r in regions]))


def to_image(keypoints: np.ndarray, regions: np.ndarray, size: int) -> np.ndarray:
    """Take keypoints (P, K, 3) from px of the crops to px of the image; scores stay."""
    out = keypoints.copy()
    # Pixel centres are at whole numbers in both: a crop's pixel covers side / size image pixels.
    scale = regions[:, None, 2:] / size
    out[..., :2] = (keypoints[..., :2] + 0.5) * scale - 0.5 + regions[:, None, :2]
    return out


def whole_pixels(regions: np.ndarray) -> np.ndarray:
    """Round regions (P, 3) to whole pixels, at least one wide; their middles stay."""
    side = np.maximum(np.round(regions[:, 2:]), 1)
    corner = np.round(regions[:, :2] + (regions[:, 2:] - side) / 2)
    return np.concatenate((corner, side), 1)


def fit(frame: Frame, long_side: int, multiple: int) -> tuple[Tensor, float]:
    """Shrink a frame to a longer side of `long_side` px; returns it (1, H, W, 3), and the scale.

    Padded with black below and right to multiples of `multiple`. Frames are never enlarged.
    """
    height, width = frame.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    rows, columns = (max(round(side * scale), 1) for side in (height, width))
    if isinstance(frame, Tensor):
        planes = frame.permute(2, 0, 1)[None].float()
        small = functional.interpolate(planes, (rows, columns), mode='bilinear', antialias=True)
        small = small[0].permute(1, 2, 0).round().to(torch.uint8)
        padded = frame.new_zeros(_up(rows, multiple), _up(columns, multiple), 3)
        padded[:rows, :columns] = small
        return padded[None], scale
    small = cv2.resize(frame, (columns, rows), interpolation=cv2.INTER_AREA)
    padded = np.zeros((_up(rows, multiple), _up(columns, multiple), 3), np.uint8)
    padded[:rows, :columns] = small
    return torch.from_numpy(padded)[None], scale


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple


def _crop_array(image: np.ndarray, region: np.ndarray, size: int) -> np.ndarray:
    left, top, side = (int(v) for v in region)
    height, width = image.shape[:2]
    inside = image[max(top, 0):max(min(top + side, height), 0),
                   max(left, 0):max(min(left + side, width), 0)]
    if inside.size == 0:
        return np.zeros((size, size, 3), np.uint8)
    if inside.shape[:2] != (side, side):
        square = np.zeros((side, side, 3), np.uint8)
        row, column = max(-top, 0), max(-left, 0)
        square[row:row + inside.shape[0], column:column + inside.shape[1]] = inside
        inside = square
    # The mean over the pixels covered, so that shrinking doesn't alias.
    how = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return cv2.resize(inside, (size, size), interpolation=how)


def _crop_torch(frame: Tensor, regions: np.ndarray, size: int) -> Tensor:
    """Bilinear samples, several per output pixel where the region is shrunk."""
    height, width = frame.shape[:2]
    device = frame.device
    squares = torch.as_tensor(regions, dtype=torch.float32).to(device)
    fine = int(np.clip(np.ceil(regions[:, 2].max() / size), 1, 8))
    steps = (torch.arange(fine * size, device=device) + 0.5) / (fine * size)
    u = squares[:, :1] + steps * squares[:, 2:]  # from the image's left border, in px
    v = squares[:, 1:2] + steps * squares[:, 2:]
    grid = torch.stack(torch.broadcast_tensors(
        (2 * u / width - 1)[:, None, :], (2 * v / height - 1)[:, :, None]), -1)
    planes = frame.permute(2, 0, 1)[None].float().expand(len(squares), -1, -1, -1)
    samples = functional.grid_sample(planes, grid, align_corners=False)
    return functional.avg_pool2d(samples, fine).permute(0, 2, 3, 1).round().to(torch.uint8)
