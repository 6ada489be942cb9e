# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Bounding box, size and confidence of a person; keypoints (17, 3) COCO-17: px, score."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.keypoints2d import crops
from pose_machine_ros.skeleton import COCO_17

SEEN_SCORE = 0.2  # keypoints with a lower score do not count for the bounding box
_SHOULDERS, _HIPS = (COCO_17.indices((f'left_{part}', f'right_{part}'))
                     for part in ('shoulder', 'hip'))
_UPRIGHT = 0.1  # of the person's size, added to the upright part of the trunk
_SIDED_BONES = {('shoulder', 'elbow'): 0.19, ('elbow', 'wrist'): 0.15, ('shoulder', 'hip'): 0.29,
                ('hip', 'knee'): 0.24, ('knee', 'ankle'): 0.25}  # their length over the stature
_SHOULDER_WIDTH = 0.22  # of the stature
_BONES = np.array([[COCO_17.index(f'{side}_{joint}') for joint in bone]
                   for bone in _SIDED_BONES for side in ('left', 'right')] + [_SHOULDERS])
_SHARES = np.array([*np.repeat([*_SIDED_BONES.values()], 2), _SHOULDER_WIDTH])
_CONFIDENCE_KEYPOINTS = 6  # with the highest scores, whose mean is a person's confidence


def confidence(keypoints: np.ndarray) -> float:
    """Return the confidence, in [0, 1], that keypoints (17, 3) are those of a person."""
    return float(np.sort(keypoints[:, 2])[-_CONFIDENCE_KEYPOINTS:].mean())


def bounding_box(keypoints: np.ndarray) -> np.ndarray:
    """Return the box (4,) left, top, right, bottom in px around the seen keypoints of (17, 3)."""
    seen = _seen(keypoints)
    return np.concatenate((seen.min(0), seen.max(0))).astype(np.float32)


def size(keypoints: np.ndarray) -> float:
    """Return the longer side in px of the bounding box of keypoints (17, 3)."""
    left, top, right, bottom = bounding_box(keypoints)
    return float(max(right - left, bottom - top))


def apparent_height(keypoints: np.ndarray) -> float:
    """Return the least height in px that the person of (17, 3) would have upright and in full view.

    It separates near people from far ones whatever their posture is and however little of them is
    seen. A bone whose length is the share c of the stature s is never longer than c s in the image,
    so the longest bone gives the bound; here the second longest, because one keypoint may be wrong.
    """
    ends = keypoints[_BONES]
    lengths = np.linalg.norm(ends[:, 0, :2] - ends[:, 1, :2], axis=-1)
    heights = np.where((ends[..., 2] >= SEEN_SCORE).all(1), lengths / _SHARES, 0)
    return max(size(keypoints), float(np.sort(heights)[-2]))


def crop_region(keypoints: np.ndarray, margin: float, rotation: int = 0) -> np.ndarray:
    """Return the square (4,) around keypoints (17, 3): centre u, v and side in px, turn in radians.

    Its side is `margin` times that of the smallest square around them. It is turned so that the
    trunk is upright in it, as in the training data of the 2D network; see keypoints2d/crops.py. The
    image turned clockwise by `rotation` degrees shows people upright.
    """
    upright = crops.upright_angle(rotation)
    turn = upright + _lean(keypoints, upright)
    axes = crops.axes(turn)
    seen = _seen(keypoints) @ axes
    low, high = seen.min(0), seen.max(0)
    return np.array([*axes @ ((low + high) / 2), margin * max(*(high - low), 16), turn])


def _lean(keypoints: np.ndarray, upright: float) -> float:
    """Return the angle in radians, clockwise, of the trunk of (17, 3) to `upright`.

    It is 0 if the trunk is not seen. It is biased towards 0, the more the shorter the trunk is in
    the image.
    """
    if (keypoints[_SHOULDERS + _HIPS, 2] < SEEN_SCORE).any():
        return 0.0
    trunk = keypoints[_SHOULDERS, :2].mean(0) - keypoints[_HIPS, :2].mean(0)
    right, down = trunk @ crops.axes(upright)
    return float(np.arctan2(right, _UPRIGHT * size(keypoints) - down))


def _seen(keypoints: np.ndarray) -> np.ndarray:
    """Return the keypoints (N, 2) of (17, 3) that count for the bounding box, in px."""
    seen = keypoints[keypoints[:, 2] >= SEEN_SCORE, :2]
    return seen if len(seen) >= 2 else keypoints[:, :2]
