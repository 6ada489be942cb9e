# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which of the people seen is which of those expected."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from pose_machine_ros.keypoints2d.similarity import object_keypoint_similarity
from pose_machine_ros.tracking.extents import SEEN_SCORE, extent, presence

_LEAST = 0.15  # similarity below which nobody is taken for anybody
_GROWING = 4.0  # 1/s, how fast the place of someone unseen gets uncertain, in its own unit
_SAME = 0.08  # of a person's size: median distance of the keypoints of one person seen twice
_FEW = 4  # keypoints seen in both, below which boxes are compared instead
_SAME_BOX = 0.6  # their overlap


def associate(expected: list[np.ndarray], unseen: np.ndarray, seen: list[np.ndarray]
              ) -> list[tuple[int, int]]:
    """Pair people expected with people seen so that all together are most alike.

    `expected` N and `seen` M are keypoints (17, 3); `unseen` (N,) seconds since the expected were
    seen. Who is like nobody is in no pair.
    """
    alike = similarity(expected, unseen, seen)
    rows, columns = linear_sum_assignment(-np.where(alike >= _LEAST, alike, 0))
    return [(int(i), int(j)) for i, j in zip(rows, columns) if alike[i, j] >= _LEAST]


def similarity(expected: list[np.ndarray], unseen: np.ndarray, seen: list[np.ndarray]
               ) -> np.ndarray:
    """Return in [0, 1] how like (N, M) people expected and seen are; see `associate`."""
    if not expected or not seen:
        return np.zeros((len(expected), len(seen)))
    a, b = np.stack(expected), np.stack(seen)
    sides = np.array([np.ptp(extent(k).reshape(2, 2), axis=0) for k in expected])
    scale = np.sqrt(np.maximum(sides.prod(1), 0.2 * sides.max(1) ** 2)).clip(1)
    scale = scale * (1 + _GROWING * unseen)
    known = (a[:, None, :, 2] >= SEEN_SCORE) & (b[None, :, :, 2] >= SEEN_SCORE)
    weights = np.where(known, b[None, :, :, 2], 0)
    return object_keypoint_similarity(
        a[..., :2], b[..., :2], np.broadcast_to(scale[:, None], known.shape[:2]), weights)


def distinct(seen: list[np.ndarray]) -> list[int]:
    """Return who of people seen (17, 3) to keep so that nobody is there twice; surest first."""
    kept: list[int] = []
    for i in sorted(range(len(seen)), key=lambda i: -presence(seen[i])):
        if not any(is_same(seen[i], seen[j]) for j in kept):
            kept.append(i)
    return kept


def is_same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether keypoints (17, 3), seen in one frame, lie on one person."""
    boxes = extent(a), extent(b)
    both = (a[:, 2] >= SEEN_SCORE) & (b[:, 2] >= SEEN_SCORE)
    if both.sum() < _FEW:
        return overlap(*boxes) > _SAME_BOX
    size = max(*np.ptp(boxes[0].reshape(2, 2), axis=0), 1.0)
    away = np.linalg.norm(a[both, :2] - b[both, :2], axis=-1)
    return bool(np.median(away) < _SAME * size)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Return the intersection over union of two boxes (4,)."""
    shared = np.prod(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None))
    area = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2])
    return float(shared / max(area - shared, 1e-6))
