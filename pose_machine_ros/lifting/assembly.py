# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons from the lifted poses: true size, velocity, uncertainty and reprojection error."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.lifting.person import LiftedPerson
from pose_machine_ros.lifting.recurrent_lifter import NOMINAL_STATURE
from pose_machine_ros.lifting.uncertainty import (
    add_size_covariance, calibrated_covariance, joint_scores, person_scores, probability_within,
    velocity_covariance)
from pose_machine_ros.pose import Person2D, Skeleton, Space
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS


class LiftedArrays(NamedTuple):
    """A LiftedFrame of P people, downloaded; float32."""

    positions: np.ndarray  # (P, 17, 3)
    covariance: np.ndarray  # (P, 17, 3, 3)
    velocity: np.ndarray  # (P, 17, 3)
    intermediate: np.ndarray  # (P, 17, 3)
    size_change: np.ndarray  # (P, 2) shift and variance, see SizeChange; (P, 0) without depth

    @classmethod
    def of(cls, rows: np.ndarray) -> LiftedArrays:
        """Return the parts of rows (P, N) as LiftedFrame.rows makes them."""
        joints = len(HUMAN36M_17)
        shapes = ((joints, 3), (joints, 3, 3), (joints, 3), (joints, 3))
        *parts, change = np.split(rows, np.cumsum([math.prod(s) for s in shapes]), 1)
        return cls(*(part.reshape(-1, *shape) for part, shape in zip(parts, shapes)), change)


def assemble_skeletons(seen: list[Person2D], rays: np.ndarray, people: list[LiftedPerson],
                       lifted: LiftedArrays, camera: Camera, correction: str,
                       min_keypoint_score: float) -> list[Skeleton]:
    """Return the skeletons of P people in the newest frame.

    `seen` are the people in the image, `rays` (P, 17, 3) go through their keypoints and are NaN for
    unseen ones, and `people` and `lifted` are the same people in 3D. `correction` is the one
    applied. Keypoints with a score below `min_keypoint_score` count as unseen.
    """
    ratio, sigma = (np.array([getattr(person.size, name) for person in people], np.float32)
                    for name in ('ratio', 'sigma'))
    # With measured depth, the covariance of the positions includes that of the size.
    size_sigma = np.where([person.has_depth for person in people], np.float32(0), sigma)
    size = ratio[:, None, None]
    positions, velocity = lifted.positions * size, lifted.velocity * size
    moved = positions - positions[:, :1] - lifted.intermediate * size
    moved = np.linalg.norm(moved, axis=-1)[:, 1:].mean(-1)
    covariance = calibrated_covariance(lifted.covariance, correction, ratio)
    probability = probability_within(covariance)  # of the pose, whatever the size is
    of_velocity = velocity_covariance(
        covariance, velocity, size_sigma, [person.slope_fit for person in people], correction)
    covariance = add_size_covariance(covariance, positions, size_sigma)
    keypoints = np.stack([person.keypoints for person in seen])
    scores = joint_scores(probability, keypoints, min_keypoint_score)
    pixels = camera.project(torch.from_numpy(positions[:, SHARED_JOINTS])).numpy()
    reprojection = _reprojection_errors(pixels, keypoints, min_keypoint_score)
    return [
        Skeleton(person.id, person.state, _space(camera), positions[i], covariance[i], velocity[i],
                 scores[i], float(person_score), person.keypoints, person.box,
                 float(reprojection[i]), float(moved[i]), rays[i],
                 *(float(NOMINAL_STATURE * x) for x in (ratio[i], ratio[i] * sigma[i])),
                 of_velocity[i])
        for i, (person, person_score) in enumerate(zip(seen, person_scores(keypoints)))]


def empty_skeleton(person: Person2D, camera: Camera) -> Skeleton:
    """Return the skeleton of a person who was never lifted: NaN positions, scores of 0."""
    joints = len(HUMAN36M_17)
    nothing = np.full((joints, 3), np.nan, np.float32)
    return Skeleton(
        person.id, person.state, _space(camera), nothing,
        np.full((joints, 3, 3), np.nan, np.float32), nothing, np.zeros(joints, np.float32), 0.0,
        person.keypoints, person.box, math.nan, 0.0)


def _reprojection_errors(pixels: np.ndarray, keypoints: np.ndarray,
                         min_score: float) -> np.ndarray:
    """Return the mean distances (P,) in px of projected joints (P, 13, 2) to keypoints (P, 17, 3).

    Weighted by score; NaN for people of whom no keypoint is seen.
    """
    weights = keypoints[:, SHARED_KEYPOINTS, 2]
    away = np.linalg.norm(pixels - keypoints[:, SHARED_KEYPOINTS, :2], axis=-1)
    counted = (weights > 0) & (weights >= min_score) & np.isfinite(away)
    weights = np.where(counted, weights, 0)
    total = weights.sum(-1)
    summed = (weights * np.where(counted, away, 0)).sum(-1)
    return np.divide(summed, total, out=np.full_like(total, np.nan), where=total > 0)


def _space(camera: Camera) -> Space:
    return Space.CAMERA_METRIC if camera.calibrated else Space.ROOT_RELATIVE
