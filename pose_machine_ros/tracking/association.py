# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which of the people seen is which of those expected."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from pose_machine_ros.keypoints2d.similarity import object_keypoint_similarity
from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.tracking.bounding_box import bounding_box, confidence, SEEN_SCORE, size

_LEAST = 0.15  # similarity below which nobody is taken for anybody
_GROWING = 4.0  # 1/s, how fast the place of someone unseen gets uncertain, in its own unit
_SAME = 0.08  # of a person's size: median distance of the keypoints of one person seen twice
_FEW = 4  # keypoints seen in both, below which boxes are compared instead
_INSIDE, _PART = 0.7, 0.5  # of the fragment's area, of the person's size
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
    sides = np.array([np.ptp(bounding_box(k).reshape(2, 2), axis=0) for k in expected])
    scale = np.sqrt(np.maximum(sides.prod(1), 0.2 * sides.max(1) ** 2)).clip(1)
    scale = scale * (1 + _GROWING * unseen)
    known = (a[:, None, :, 2] >= SEEN_SCORE) & (b[None, :, :, 2] >= SEEN_SCORE)
    weights = np.where(known, b[None, :, :, 2], 0)
    return object_keypoint_similarity(
        a[..., :2], b[..., :2], np.broadcast_to(scale[:, None], known.shape[:2]), weights)


def distinct(seen: list[np.ndarray]) -> list[int]:
    """Return who of people seen (17, 3) to keep so that nobody is there twice; surest first."""
    if not seen:
        return []
    same = _same(np.stack(seen))
    kept: list[int] = []
    for i in sorted(range(len(seen)), key=lambda i: -confidence(seen[i])):
        if not same[i, kept].any():
            kept.append(i)
    return kept


def is_part(fragment: np.ndarray, person: np.ndarray) -> bool:
    """Whether keypoints (17, 3) are no more than a part of a person expected at (17, 3)."""
    inner, outer = bounding_box(fragment), bounding_box(person)
    shared = np.minimum(inner[2:], outer[2:]) - np.maximum(inner[:2], outer[:2])
    inside = np.clip(shared, 0, None).prod() > _INSIDE * (inner[2:] - inner[:2]).prod()
    return bool(inside and size(fragment) < _PART * size(person))


def _same(people: np.ndarray) -> np.ndarray:
    """Return which (N, N) of people (N, 17, 3), seen in one frame, are one and the same.

    Left and right may be exchanged in one of them: from behind the network takes one for the other.
    """
    boxes = np.stack([bounding_box(k) for k in people])
    sides = np.maximum((boxes[:, 2:] - boxes[:, :2]).max(1), 1)
    limit = _SAME * np.maximum(sides[:, None], sides[None])
    known, away = _apart(people, people)
    exchanged, away_exchanged = _apart(people, people[:, COCO_17.mirror])
    close = (known >= _FEW) & (away < limit) | (exchanged >= _FEW) & (away_exchanged < limit)
    return np.where(known >= _FEW, close, _overlaps(boxes) > _SAME_BOX)


def _apart(people: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many keypoints are seen in both, and their median distance in px, (N, M) each.

    Of people (N, 17, 3) and others (M, 17, 3); infinite where no keypoint is seen in both.
    """
    both = (people[:, None, :, 2] >= SEEN_SCORE) & (others[None, :, :, 2] >= SEEN_SCORE)
    away = np.linalg.norm(people[:, None, :, :2] - others[None, :, :, :2], axis=-1)
    away = np.sort(np.where(both, away, np.inf), -1)  # the known ones come first
    known = both.sum(-1)
    middle = np.take_along_axis(away, (known[..., None] // 2).clip(max=away.shape[-1] - 1), -1)
    return known, middle[..., 0]


def _overlaps(boxes: np.ndarray) -> np.ndarray:
    """Return the intersection over union (N, N) of boxes (N, 4)."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), -1)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], -1)
    return shared / np.maximum(area[:, None] + area[None] - shared, 1e-6)
