# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where in the picture a person is, and how surely; keypoints (17, 3) COCO-17: px, score."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.keypoints2d import crops
from pose_machine_ros.skeleton import COCO_17

SEEN_SCORE = 0.2  # keypoints below do not count for a person's extent
_SHOULDERS, _HIPS = ([COCO_17.index(f'{side}_{part}') for side in ('left', 'right')]
                     for part in ('shoulder', 'hip'))
_UPRIGHT = 0.1  # of the person's size: what counts for upright beside the trunk's length
_PRESENCE_KEYPOINTS = 6  # a person is as present as the mean of their best keypoints


def presence(keypoints: np.ndarray) -> float:
    """Return in [0, 1] how sure it is that there is a person with keypoints (17, 3)."""
    return float(np.sort(keypoints[:, 2])[-_PRESENCE_KEYPOINTS:].mean())


def extent(keypoints: np.ndarray) -> np.ndarray:
    """Return the box (4,) left, top, right, bottom in px around the seen ones of (17, 3)."""
    seen = _seen(keypoints)
    return np.concatenate((seen.min(0), seen.max(0))).astype(np.float32)


def size(keypoints: np.ndarray) -> float:
    """Return the longer side in px of the extent of (17, 3)."""
    left, top, right, bottom = extent(keypoints)
    return float(max(right - left, bottom - top))


def region(keypoints: np.ndarray, margin: float) -> np.ndarray:
    """Return the square (4,) u, v, side in px and turn in radians to look for (17, 3) in.

    Turned so that the trunk stands upright in it, as the people do whom the 2D network was trained
    on; see keypoints2d/crops.py.
    """
    turn = _lean(keypoints)
    axes = crops.axes(turn)
    seen = _seen(keypoints) @ axes
    low, high = seen.min(0), seen.max(0)
    return np.array([*axes @ ((low + high) / 2), margin * max(*(high - low), 16), turn])


def _lean(keypoints: np.ndarray) -> float:
    """Return the angle of the trunk of (17, 3) in radians, clockwise, 0 where it isn't seen.

    Drawn towards upright, and all the more the less of the trunk's length the picture shows.
    """
    if (keypoints[_SHOULDERS + _HIPS, 2] < SEEN_SCORE).any():
        return 0.0
    right, down = keypoints[_SHOULDERS, :2].mean(0) - keypoints[_HIPS, :2].mean(0)
    return float(np.arctan2(right, _UPRIGHT * size(keypoints) - down))


def _seen(keypoints: np.ndarray) -> np.ndarray:
    """Return those (N, 2) of (17, 3) that count for the extent, in px."""
    seen = keypoints[keypoints[:, 2] >= SEEN_SCORE, :2]
    return seen if len(seen) >= 2 else keypoints[:, :2]
