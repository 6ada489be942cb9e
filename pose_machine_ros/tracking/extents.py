# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where in the picture a person is, and how surely; keypoints (17, 3) COCO-17: px, score."""

from __future__ import annotations

import numpy as np

SEEN_SCORE = 0.2  # keypoints below do not count for a person's extent
_PRESENCE_KEYPOINTS = 6  # a person is as present as the mean of their best keypoints


def presence(keypoints: np.ndarray) -> float:
    """Return in [0, 1] how sure it is that there is a person with keypoints (17, 3)."""
    return float(np.sort(keypoints[:, 2])[-_PRESENCE_KEYPOINTS:].mean())


def extent(keypoints: np.ndarray) -> np.ndarray:
    """Return the box (4,) left, top, right, bottom in px around the seen ones of (17, 3)."""
    seen = keypoints[keypoints[:, 2] >= SEEN_SCORE, :2]
    if len(seen) < 2:
        seen = keypoints[:, :2]
    return np.concatenate((seen.min(0), seen.max(0))).astype(np.float32)


def size(keypoints: np.ndarray) -> float:
    """Return the longer side in px of the extent of (17, 3)."""
    left, top, right, bottom = extent(keypoints)
    return float(max(right - left, bottom - top))


def region(keypoints: np.ndarray, margin: float) -> np.ndarray:
    """Return the square (3,) left, top, side in px to look for the person of (17, 3) in."""
    left, top, right, bottom = extent(keypoints)
    side = margin * max(right - left, bottom - top, 16)
    # Pixel centres are at whole numbers, their left borders are half a pixel before.
    return np.array([(left + right + 1 - side) / 2, (top + bottom + 1 - side) / 2, side])
