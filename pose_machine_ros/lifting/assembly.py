# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons from the lifted poses: true size, velocity, uncertainty and reprojection error."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.lifting.person import LiftedPerson
from pose_machine_ros.lifting.uncertainty import (
    add_size_covariance, calibrated_covariance, joint_scores, person_score, probability_within)
from pose_machine_ros.pose import Person2D, Skeleton, Space
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS


def assemble_skeletons(seen: list[Person2D], people: list[LiftedPerson], intermediate: Tensor,
                       covariance: Tensor, camera: Camera, correction: str,
                       min_keypoint_score: float) -> list[Skeleton]:
    """Return the skeletons of P people in the newest frame.

    `seen` are the people in the image and `people` the same ones in 3D, for a nominal adult.
    `intermediate` (P, 17, 3) are the lifter's joints before the correction, metres relative to the
    pelvis, and `covariance` (P, 17, 3, 3) is that of the newest positions, both in the camera's
    frame. `correction` is the one applied. Keypoints with a score below `min_keypoint_score` count
    as unseen.
    """
    ratio, sigma = (covariance.new_tensor([getattr(p.scale, name) for p in people])
                    for name in ('ratio', 'sigma'))
    positions = torch.stack([p.frames[-1].positions for p in people]) * ratio[:, None, None]
    relative = positions - positions[:, :1]
    moved = relative - intermediate * ratio[:, None, None]
    moved = moved.norm(dim=-1)[:, 1:].mean(-1)
    covariance = calibrated_covariance(covariance, correction, ratio)
    probability = probability_within(covariance)  # of the pose, whatever the size is
    covariance = add_size_covariance(covariance, positions, sigma)
    pixels = camera.project(positions[:, SHARED_JOINTS])
    velocity = torch.stack([p.velocity() for p in people]) * ratio[:, None, None]

    positions, covariance, velocity, moved, probability, pixels = (
        x.cpu().numpy() for x in (positions, covariance, velocity, moved, probability, pixels))
    return [
        Skeleton(person.id, person.state, _space(camera), positions[i], covariance[i], velocity[i],
                 joint_scores(probability[i], person.keypoints, min_keypoint_score),
                 person_score(person.keypoints), person.keypoints, person.box,
                 _reprojection_error(pixels[i], person.keypoints, min_keypoint_score),
                 float(moved[i]))
        for i, person in enumerate(seen)]


def empty_skeleton(person: Person2D, camera: Camera) -> Skeleton:
    """Return the skeleton of a person who was never lifted: NaN positions, scores of 0."""
    joints = len(HUMAN36M_17)
    nothing = np.full((joints, 3), np.nan, np.float32)
    return Skeleton(
        person.id, person.state, _space(camera), nothing,
        np.full((joints, 3, 3), np.nan, np.float32), nothing, np.zeros(joints, np.float32), 0.0,
        person.keypoints, person.box, math.nan, 0.0)


def _reprojection_error(pixels: np.ndarray, keypoints: np.ndarray, min_score: float) -> float:
    """Return the mean distance in px of projected joints (13, 2) to keypoints (17, 3).

    Weighted by score; NaN if no keypoint is seen.
    """
    weights = keypoints[SHARED_KEYPOINTS, 2]
    weights = np.where(weights >= min_score, weights, 0)
    away = np.linalg.norm(pixels - keypoints[SHARED_KEYPOINTS, :2], axis=-1)
    counted = (weights > 0) & np.isfinite(away)
    return float(np.average(away[counted], weights=weights[counted])) \
        if counted.any() else math.nan


def _space(camera: Camera) -> Space:
    return Space.CAMERA_METRIC if camera.calibrated else Space.ROOT_RELATIVE
