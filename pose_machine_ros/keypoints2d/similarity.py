# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How alike two sets of COCO-17 keypoints are."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.skeleton import COCO_17

# How far people who annotate COCO put a keypoint from one another, over the root of the person's
# area; of the COCO keypoint challenge.
_SPREAD = {'nose': 0.026, 'eye': 0.025, 'ear': 0.035, 'shoulder': 0.079, 'elbow': 0.072,
           'wrist': 0.062, 'hip': 0.107, 'knee': 0.087, 'ankle': 0.089}
_VARIANCE = np.array([(2 * _SPREAD[n.split('_')[-1]]) ** 2 for n in COCO_17.names])


def object_keypoint_similarity(a: np.ndarray, b: np.ndarray, scale: np.ndarray,
                               weights: np.ndarray) -> np.ndarray:
    """Return the object keypoint similarity (N, M) in [0, 1] of (N, 17, 2) and (M, 17, 2) px.

    `scale` (N, M) is the root of the person's area in px, `weights` (N, M, 17) how much each
    keypoint counts; where none does, the similarity is 0.
    """
    squared = np.square(a[:, None] - b[None]).sum(-1)
    alike = np.exp(-squared / (2 * np.square(scale)[..., None] * _VARIANCE))
    total = weights.sum(-1)
    return np.where(weights > 0, weights * alike, 0).sum(-1) / np.where(total > 0, total, 1)
