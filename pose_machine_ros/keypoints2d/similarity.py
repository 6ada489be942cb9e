# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Object keypoint similarity of COCO-17 keypoints."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.skeleton import COCO_17

# Standard deviation between annotators of COCO, over the square root of the person's area; from the
# COCO keypoint challenge.
_SIGMAS = {'nose': 0.026, 'eye': 0.025, 'ear': 0.035, 'shoulder': 0.079, 'elbow': 0.072,
           'wrist': 0.062, 'hip': 0.107, 'knee': 0.087, 'ankle': 0.089}
_VARIANCE = np.array([(2 * _SIGMAS[n.split('_')[-1]]) ** 2 for n in COCO_17.names])


def object_keypoint_similarity(a: np.ndarray, b: np.ndarray, scale: np.ndarray,
                               weights: np.ndarray) -> np.ndarray:
    """Return the object keypoint similarity (N, M) in [0, 1] of (N, 17, 2) and (M, 17, 2) px.

    `scale` (N, M) is the square root of the person's area in px. `weights` (N, M, 17) are those of
    the keypoints; the similarity is 0 if all are 0.
    """
    squared = np.square(a[:, None] - b[None]).sum(-1)
    per_keypoint = np.exp(-squared / (2 * np.square(scale)[..., None] * _VARIANCE))
    total = weights.sum(-1)
    summed = np.where(weights > 0, weights * per_keypoint, 0).sum(-1)
    return summed / np.where(total > 0, total, 1)
