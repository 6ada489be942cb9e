# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Fast downscaling of images."""

from __future__ import annotations

import cv2
import numpy as np


def shrink(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return an image (H, W, C) uint8 at `size`, (width, height) in px, not larger than it is.

    OpenCV's INTER_AREA is fast for whole factors only. So whole factors are averaged, and the rest,
    a factor below 2, is interpolated.
    """
    height, width = image.shape[:2]
    whole = min(width // size[0], height // size[1])
    if whole > 1:
        # Crops less than `whole` px on the right and at the bottom.
        parts = width // whole, height // whole
        image = cv2.resize(image[:parts[1] * whole, :parts[0] * whole], parts,
                           interpolation=cv2.INTER_AREA)
    if image.shape[1::-1] != size:
        image = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    return image
