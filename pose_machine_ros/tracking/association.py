# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Data association: which of the people in a frame is which of those expected."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.keypoints2d.similarity import object_keypoint_similarity
from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.tracking.assignment import assign
from pose_machine_ros.tracking.bounding_box import bounding_box, confidence, SEEN_SCORE, size

_MIN_SIMILARITY = 0.15  # of two poses of one person
_GROWING = 4.0  # 1/s, growth of the tolerance on the position of an unseen person
_MAX_DISTANCE = 0.08  # of the size: median distance of the keypoints of duplicates
_MIN_KEYPOINTS = 4  # seen in both; with fewer, bounding boxes are compared instead
_MIN_INSIDE = 0.7  # of a fragment's area, inside of the person's bounding box
_MAX_FRAGMENT = 0.5  # of the person's size
_MIN_OVERLAP = 0.6  # intersection over union of the bounding boxes of duplicates


def associate(expected: list[np.ndarray], unseen: np.ndarray, seen: list[np.ndarray]
              ) -> list[tuple[int, int]]:
    """Return pairs (i, j) of people expected and people seen, with the highest total similarity.

    `expected` are N and `seen` are M keypoints (17, 3); `unseen` (N,) are the seconds since the
    people expected were last seen. A person without a similar one is in no pair. The assignment is
    optimal (Hungarian algorithm).
    """
    similar = similarity(expected, unseen, seen)
    pairs = assign(np.where(similar >= _MIN_SIMILARITY, similar, 0))
    return [pair for pair in pairs if similar[pair] >= _MIN_SIMILARITY]


def similarity(expected: list[np.ndarray], unseen: np.ndarray, seen: list[np.ndarray]
               ) -> np.ndarray:
    """Return similarities in [0, 1], (N, M), of people expected and seen; see `associate`."""
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


def suppress_duplicates(seen: list[np.ndarray]) -> list[int]:
    """Return the indices of the people (17, 3) to keep, by confidence, highest first.

    Non-maximum suppression: of several detections of one person, the one with the highest
    confidence stays.
    """
    if not seen:
        return []
    same = _are_same(np.stack(seen))
    kept: list[int] = []
    for i in sorted(range(len(seen)), key=lambda i: -confidence(seen[i])):
        if not same[i, kept].any():
            kept.append(i)
    return kept


def are_duplicates(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether keypoints (17, 3) and (17, 3) are of the same person at the same place."""
    return bool(_are_same(np.stack((one, other)))[0, 1])


def is_fragment(fragment: np.ndarray, person: np.ndarray) -> bool:
    """Return whether keypoints (17, 3) are only a part of the person with keypoints (17, 3)."""
    inner, outer = bounding_box(fragment), bounding_box(person)
    shared = np.minimum(inner[2:], outer[2:]) - np.maximum(inner[:2], outer[:2])
    inside = np.clip(shared, 0, None).prod() > _MIN_INSIDE * (inner[2:] - inner[:2]).prod()
    return bool(inside and size(fragment) < _MAX_FRAGMENT * size(person))


def _are_same(people: np.ndarray) -> np.ndarray:
    """Return which pairs (N, N) of people (N, 17, 3) in one frame are the same person.

    Left and right may be exchanged in one of them: the network confuses them for people seen from
    behind.
    """
    boxes = np.stack([bounding_box(k) for k in people])
    sides = np.maximum((boxes[:, 2:] - boxes[:, :2]).max(1), 1)
    limit = _MAX_DISTANCE * np.maximum(sides[:, None], sides[None])
    known, away = _keypoint_distances(people, people)
    exchanged, away_exchanged = _keypoint_distances(people, people[:, COCO_17.mirror])
    close = (known >= _MIN_KEYPOINTS) & (away < limit) \
        | (exchanged >= _MIN_KEYPOINTS) & (away_exchanged < limit)
    return np.where(known >= _MIN_KEYPOINTS, close, _overlaps(boxes) > _MIN_OVERLAP)


def _keypoint_distances(people: np.ndarray, others: np.ndarray
                        ) -> tuple[np.ndarray, np.ndarray]:
    """Return the number and the median distance in px, (N, M) each, of keypoints seen in both.

    `people` are (N, 17, 3) and `others` (M, 17, 3). Without a common keypoint the distance is
    infinite.
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
