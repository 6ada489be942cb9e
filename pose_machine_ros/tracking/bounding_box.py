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
_SIDED_BONES = {('shoulder', 'elbow'): 0.19, ('elbow', 'wrist'): 0.15, ('shoulder', 'hip'): 0.29,
                ('hip', 'knee'): 0.24, ('knee', 'ankle'): 0.25}  # their length over the stature
_SHOULDER_WIDTH = 0.22  # of the stature
_BONES = np.array([[COCO_17.index(f'{side}_{joint}') for joint in bone]
                   for bone in _SIDED_BONES for side in ('left', 'right')] + [_SHOULDERS])
_SHARES = np.array([*np.repeat([*_SIDED_BONES.values()], 2), _SHOULDER_WIDTH])
_CONFIDENCE_KEYPOINTS = 6  # a person is as present as the mean of their best keypoints


def confidence(keypoints: np.ndarray) -> float:
    """Return in [0, 1] how sure it is that there is a person with keypoints (17, 3)."""
    return float(np.sort(keypoints[:, 2])[-_CONFIDENCE_KEYPOINTS:].mean())


def bounding_box(keypoints: np.ndarray) -> np.ndarray:
    """Return the box (4,) left, top, right, bottom in px around the seen ones of (17, 3)."""
    seen = _seen(keypoints)
    return np.concatenate((seen.min(0), seen.max(0))).astype(np.float32)


def size(keypoints: np.ndarray) -> float:
    """Return the longer side in px of the extent of (17, 3)."""
    left, top, right, bottom = bounding_box(keypoints)
    return float(max(right - left, bottom - top))


def apparent_height(keypoints: np.ndarray) -> float:
    """Return how tall in px the person of (17, 3) would be upright and all in view; at least.

    It tells near people from far ones whatever their posture and however little of them is seen.
    A bone of stature s and share c is never longer than c s in the picture, so that the longest
    tells; the second longest, since one keypoint may be wrong.
    """
    ends = keypoints[_BONES]
    lengths = np.linalg.norm(ends[:, 0, :2] - ends[:, 1, :2], axis=-1)
    heights = np.where((ends[..., 2] >= SEEN_SCORE).all(1), lengths / _SHARES, 0)
    return max(size(keypoints), float(np.sort(heights)[-2]))


def region(keypoints: np.ndarray, margin: float, rotation: int = 0) -> np.ndarray:
    """Return the square (4,) u, v, side in px and turn in radians to look for (17, 3) in.

    Turned so that the trunk stands upright in it, as the people do whom the 2D network was trained
    on; see keypoints2d/crops.py. `rotation` is by how many degrees clockwise the picture has to be
    turned for people to stand upright in it.
    """
    upright = crops.upright_angle(rotation)
    turn = upright + _lean(keypoints, upright)
    axes = crops.axes(turn)
    seen = _seen(keypoints) @ axes
    low, high = seen.min(0), seen.max(0)
    return np.array([*axes @ ((low + high) / 2), margin * max(*(high - low), 16), turn])


def _lean(keypoints: np.ndarray, upright: float) -> float:
    """Return the angle in radians, clockwise, of the trunk of (17, 3) to `upright`.

    It is 0 where the trunk is not seen. It is drawn towards 0, and all the more the less of the
    trunk's length the picture shows.
    """
    if (keypoints[_SHOULDERS + _HIPS, 2] < SEEN_SCORE).any():
        return 0.0
    trunk = keypoints[_SHOULDERS, :2].mean(0) - keypoints[_HIPS, :2].mean(0)
    right, down = trunk @ crops.axes(upright)
    return float(np.arctan2(right, _UPRIGHT * size(keypoints) - down))


def _seen(keypoints: np.ndarray) -> np.ndarray:
    """Return those (N, 2) of (17, 3) that count for the extent, in px."""
    seen = keypoints[keypoints[:, 2] >= SEEN_SCORE, :2]
    return seen if len(seen) >= 2 else keypoints[:, :2]
