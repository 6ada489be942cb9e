# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Uncertainty of a skeleton: the covariance of each joint, and scores of joints and people."""

from __future__ import annotations

from collections.abc import Sequence
import math

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.correction.trajectory import SlopeFit
from pose_machine_ros.devices import index_tensor
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, HUMAN36M_17

_HIPS = HUMAN36M_17.indices(('left_hip', 'right_hip'))
_HEAD = COCO_17.indices(('nose', 'left_ear', 'right_ear'))
_HEAD_TOP = HUMAN36M_17.index('head_top')
# Factors on the standard deviations, by correction. The lifter predicts those of the people it was
# trained on, and the geometric correction assumes that the errors of neighbouring frames and joints
# are independent. With these factors, 68 and 95 % of held-out motion lie within one and two
# standard deviations; see docs/evaluation.md.
_SIGMA_FACTOR = {'none': 1.25, 'geometric': 1.6, 'learned': 1.25, 'paper': 1.25}
# Of the velocity, by correction: the errors of neighbouring frames are correlated, so their
# difference is smaller by this factor on the standard deviation. Fitted to training motion.
_VELOCITY_FACTOR = {'none': 0.6, 'geometric': 0.42, 'learned': 0.6, 'paper': 0.6}
_ACCELERATION = 0.9  # m/s^2, standard deviation of a joint's acceleration at rest
_ACCELERATION_RATE = 1.4  # 1/s, what a moving joint's acceleration adds for each m/s
# Limbs accelerate more than the trunk: factors by joint.
_AGILITY = np.array([
    {'knee': 1.5, 'elbow': 1.5, 'ankle': 2.0, 'wrist': 2.0}.get(name.split('_')[-1], 1.0)
    for name in HUMAN36M_17.names], np.float32)
_UNKNOWN_SPEED = 1.0  # m/s, standard deviation of the velocity in a person's first frame
_SCORE_RADIUS = 0.15  # metres; a joint's score is the probability of an error below this


def lifter_covariance(sigma: Tensor, rotation: Tensor) -> Tensor:
    """Return the covariance (P, 17, 3, 3) of the lifter's joints, in the camera's frame.

    `sigma` (P, 17, 3) are standard deviations in the person camera, and `rotation` (P, 3, 3) turns
    the camera's frame into the person camera. The lifter's joints are relative to the pelvis, so it
    predicts no standard deviation of the pelvis; that of the hips, which determine it, takes its
    place.
    """
    variance = sigma.square()
    hips = variance.index_select(1, index_tensor(tuple(_HIPS), variance.device))
    variance = torch.cat((hips.mean(1, keepdim=True), variance[:, 1:]), 1)
    turn = rotation[:, None]
    return turn.mT @ (variance[..., None] * turn)


def calibrated_covariance(covariance: np.ndarray, correction: str,
                          ratio: np.ndarray) -> np.ndarray:
    """Return the covariance (P, 17, 3, 3) of people `ratio` (P,) times the nominal adult's size.

    It is scaled to be that of the true errors with this correction.
    """
    return covariance * np.square(_SIGMA_FACTOR[correction] * ratio)[:, None, None, None]


def add_size_covariance(covariance: np.ndarray, positions: np.ndarray,
                        sigma: np.ndarray) -> np.ndarray:
    """Add the uncertainty of the person's size to the covariance (P, 17, 3, 3).

    Size and distance cannot be separated in one image: the whole person at `positions` (P, 17, 3)
    may be nearer and smaller, or further and larger, by the relative standard deviation `sigma`
    (P,). So the uncertainty is along the rays, and proportional to the distance.
    """
    away = positions * sigma[:, None, None]
    return covariance + away[..., None] * away[..., None, :]


def velocity_covariance(covariance: np.ndarray, velocity: np.ndarray, size_sigma: np.ndarray,
                        fits: Sequence[SlopeFit], correction: str) -> np.ndarray:
    """Return the covariance (P, 17, 3, 3) of the `velocity` (P, 17, 3), (m/s)^2.

    The velocity is the slope of a line through the newest positions. `covariance` (P, 17, 3, 3) is
    that of each of them, without the uncertainty of the size. The slope is the velocity at the mean
    time of these positions, and since then the joint accelerates. The size, with the relative
    standard deviation `size_sigma` (P,), scales the velocity.
    """
    noise, age = np.array(fits, np.float32).T
    result = covariance * (_VELOCITY_FACTOR[correction] ** 2 * noise)[:, None, None, None]
    acceleration = _ACCELERATION ** 2 + _ACCELERATION_RATE ** 2 * np.square(velocity).sum(-1)
    changed = np.square(age[:, None] * _AGILITY) * acceleration
    changed = np.where(noise[:, None] > 0, changed, np.float32(_UNKNOWN_SPEED ** 2))
    result += changed[..., None, None] * np.eye(3, dtype=np.float32)
    return add_size_covariance(result, velocity, size_sigma)


def probability_within(covariance: np.ndarray, radius: float = _SCORE_RADIUS) -> np.ndarray:
    """Return the probability (*) that an error of `covariance` (*, 3, 3) is below `radius` metres.

    Exact for an isotropic distribution of the same mean variance.
    """
    variance = np.trace(covariance, axis1=-2, axis2=-1) / 3
    r = radius / np.sqrt(np.maximum(variance, 1e-12))
    inside = torch.from_numpy(np.asarray(r / math.sqrt(2))).erf().numpy()
    return inside - math.sqrt(2 / math.pi) * r * np.exp(-r * r / 2)


def joint_scores(probability: np.ndarray, keypoints: np.ndarray, min_score: float) -> np.ndarray:
    """Return the scores (*, 17) of joints: `probability` (*, 17) times the support by keypoints.

    The keypoints are (*, 17, 3), and `probability` is that of `probability_within`.
    """
    return (keypoint_support(keypoints, min_score) * probability).astype(np.float32)


def keypoint_support(keypoints: np.ndarray, min_score: float) -> np.ndarray:
    """Return the scores (*, 17) with which COCO-17 keypoints support the HUMAN36M_17 joints.

    The keypoints are (*, 17, 3). A score below `min_score` counts as 0.
    """
    scores = convert_keypoints(keypoints, COCO_17, HUMAN36M_17)[..., 2]
    scores[..., _HEAD_TOP] = keypoints[..., _HEAD, 2].max(-1)
    return np.where(scores >= min_score, scores, 0)


def person_scores(keypoints: np.ndarray) -> np.ndarray:
    """Return the scores (*) of people: the means of those of all their keypoints (*, 17, 3)."""
    return np.nan_to_num(keypoints[..., 2]).mean(-1)
