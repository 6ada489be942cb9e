# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How sure a joint is: the support of the keypoints, and the chance that it is where it seems."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.skeleton import COCO_17, convert_keypoints, HUMAN36M_17


def keypoint_support(keypoints: np.ndarray, min_score: float) -> np.ndarray:
    """Return (17,) in [0, 1]: how well COCO-17 keypoints (17, 3) support each HUMAN36M_17 joint."""
    scores = convert_keypoints(keypoints, COCO_17, HUMAN36M_17)[:, 2]
    head = [COCO_17.index(n) for n in ('nose', 'left_ear', 'right_ear')]
    scores[HUMAN36M_17.index('head_top')] = keypoints[head, 2].max()
    return np.where(scores >= min_score, scores, 0)


def probability_within(covariance: Tensor, radius: float) -> Tensor:
    """Return the chance (*) that an error of `covariance` (*, 3, 3) is shorter than `radius`.

    Exact for a round distribution of the same mean variance.
    """
    variance = covariance.diagonal(0, -2, -1).mean(-1).clamp_min(1e-12)
    r = radius / variance.sqrt()
    return torch.erf(r / math.sqrt(2)) - math.sqrt(2 / math.pi) * r * torch.exp(-r * r / 2)
