# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Fast downscaling of images."""

from __future__ import annotations

import cv2
import numpy as np


def shrink(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return an image (H, W, C) uint8 at `size`, (width, height) in px, not larger than it is.

    OpenCV's INTER_AREA is slow, except for halves. So the image is halved as often as possible, and
    the rest, a factor below 2, is interpolated.
    """
    while image.shape[1] >= 2 * size[0] and image.shape[0] >= 2 * size[1]:
        image = halve(image)
    if image.shape[1::-1] != size:
        image = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    return image


def halve(image: np.ndarray) -> np.ndarray:
    """Return the averages (H / 2, W / 2, C) of 2 x 2 pixels; an odd row or column is left out."""
    height, width = image.shape[0] // 2, image.shape[1] // 2
    return cv2.resize(image[:2 * height, :2 * width], (width, height),
                      interpolation=cv2.INTER_AREA)
