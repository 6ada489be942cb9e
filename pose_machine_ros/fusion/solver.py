# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One pose from the views of several cameras: nonlinear least squares, batched over people.

The 52 unknowns of a person are the positions of all joints in the world and the stature. They
minimize half the sum of squares of five residuals, each in units of its standard deviation:

- keypoints: the reprojection error in every camera, weighted by the score, with a robust loss,
- poses: the difference to the pose that each camera estimates alone, but for its size and place,
- bones: the difference between a bone's length and the person's, in proportion to the stature,
- past: the difference to the positions that the earlier views predict,
- stature: the difference to what is known of it.

A camera whose image is older than the result sees the joints where they were, by their velocity.
The solver is Gauss-Newton with iteratively reweighted residuals. This is NumPy: a few people with
a few cameras are too little work for a GPU, and the fusion needs no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pose_machine_ros.fusion.config import FusionConfig
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS

JOINTS = len(HUMAN36M_17)
SIZE = 3 * JOINTS + 1  # unknowns
_XYZ = slice(0, SIZE - 1)
_STATURE = SIZE - 1
_WEAK = 1.0  # 1 / m^2; of joints of which nothing is known
_MIN_DEPTH = 0.2  # metres
_MIN_LENGTH = 1e-6  # metres, of a bone

_SEEN = np.array(SHARED_JOINTS)
# Rows and columns (13, 3, 3) of the block of each seen joint in the normal matrix
_ROWS = (3 * _SEEN[:, None, None] + np.arange(3)[:, None]) + np.zeros((1, 1, 3), int)
_COLUMNS = _ROWS.swapaxes(-1, -2)
_PARENTS, _CHILDREN = np.array(HUMAN36M_17.bones).T
BONES = len(_PARENTS)
_BONE_ROWS = np.arange(BONES)[:, None]
_BONE_COLUMNS = tuple(3 * joint[:, None] + np.arange(3) for joint in (_PARENTS, _CHILDREN))


class Evidence(NamedTuple):
    """What is known of P people in the newest views of C cameras, world axes, metres, float64."""

    origins: np.ndarray  # (P, C, 3) of the rays
    rays: np.ndarray  # (P, C, 13, 3) unit; any value where the weight is 0
    weights: np.ndarray  # (P, C, 13) scores; 0 where unseen
    ages: np.ndarray  # (P, C) seconds from the image to the result
    poses: np.ndarray  # (P, C, 51) of a person of 1 m, anywhere
    information: np.ndarray  # (P, C, 17, 3, 3) of these poses for this person's size
    velocity: np.ndarray  # (P, 51) metres per second
    lengths: np.ndarray  # (P, 16) bone lengths of a person of 1 m, in the order of bones
    past: np.ndarray  # (P, 52) predicted unknowns
    past_information: np.ndarray  # (P, 52, 52)
    stature: np.ndarray  # (P, 2) its expected value, and the information of this, 1 / m^2


class Solution(NamedTuple):
    """P people, world axes, metres."""

    unknowns: np.ndarray  # (P, 52) positions and stature
    covariance: np.ndarray  # (P, 52, 52)
    errors: np.ndarray  # (P, C, 13) reprojection errors in standard deviations; 0 where unseen


def bone_lengths(xyz: np.ndarray) -> np.ndarray:
    """Return the lengths (*, 16) of the bones of HUMAN36M_17 for joints (*, 17, 3)."""
    return np.linalg.norm(xyz[..., _CHILDREN, :] - xyz[..., _PARENTS, :], axis=-1)


def solve(start: np.ndarray, seen: Evidence, config: FusionConfig,
          tolerances: Sequence[float] = (1.0, 1.0)) -> Solution:
    """Return the solution after Gauss-Newton steps from `start` (P, 52).

    There is a step for each of `tolerances`, factors on the robust scale: far from the solution,
    right keypoints have large residuals too.
    """
    fixed, right = _linear_parts(seen, config)
    across = _tangents(seen.rays)
    x = start
    for tolerance in tolerances:
        blocks, force, _ = _keypoints(x, seen, across, config, tolerance)
        jacobian, residual = _bones(x, seen, config)
        normal = fixed + jacobian.swapaxes(-1, -2) @ jacobian
        normal[:, _ROWS, _COLUMNS] += blocks
        gradient = right - (fixed @ x[..., None])[..., 0] \
            - (residual[:, None] @ jacobian)[:, 0]
        gradient[:, _XYZ].reshape(-1, JOINTS, 3)[:, _SEEN] -= force
        covariance = np.linalg.inv(normal)
        x = x + (covariance @ gradient[..., None])[..., 0]
    return Solution(x, covariance, _keypoints(x, seen, across, config)[2])


def _linear_parts(seen: Evidence, config: FusionConfig) -> tuple[np.ndarray, np.ndarray]:
    """Return the normal matrix (P, 52, 52) and right-hand side (P, 52) of poses, past, stature.

    The place of a camera's pose is free: the best translation is inserted into its residual, which
    takes a matrix of rank 3 from the information.
    """
    normal = seen.past_information + _WEAK * np.eye(SIZE)
    right = (normal @ seen.past[..., None])[..., 0]
    information = seen.information / config.prior_inflation ** 2
    total = information.sum(2)  # (P, C, 3, 3)
    total = np.linalg.inv(total + 1e-9 * np.eye(3))
    stacked = information.reshape(*information.shape[:2], 3 * JOINTS, 3)
    free = -stacked @ total @ stacked.swapaxes(-1, -2)  # (P, C, 51, 51)
    diagonal = np.arange(3 * JOINTS).reshape(JOINTS, 3)
    free[:, :, diagonal[:, :, None], diagonal[:, None]] += information
    by_size = (free @ seen.poses[..., None])[..., 0]
    normal[:, _XYZ, _XYZ] += free.sum(1)
    normal[:, _XYZ, _STATURE] -= by_size.sum(1)
    normal[:, _STATURE, _XYZ] -= by_size.sum(1)
    normal[:, _STATURE, _STATURE] += (by_size * seen.poses).sum((1, 2)) + seen.stature[:, 1]
    right[:, _STATURE] += seen.stature[:, 0] * seen.stature[:, 1]
    return normal, right


def _tangents(rays: np.ndarray) -> np.ndarray:
    """Return two unit vectors (*, 2, 3) perpendicular to each of the rays (*, 3)."""
    least = np.eye(3)[np.abs(rays).argmin(-1)]
    first = np.cross(rays, least)
    first /= np.maximum(np.linalg.norm(first, axis=-1, keepdims=True), 1e-9)
    return np.stack((first, np.cross(rays, first)), -2)


def _keypoints(x: np.ndarray, seen: Evidence, across: np.ndarray, config: FusionConfig,
               tolerance: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return blocks (P, 13, 3, 3) of the normal matrix, their forces (P, 13, 3), and the errors.

    The residual of a keypoint is the distance of the ray to the joint, at the distance of the
    person. Its squared length s has the Geman-McClure loss k^2 s / (k^2 + s).
    """
    people, cameras = seen.ages.shape
    then = x[:, None, _XYZ] - seen.velocity[:, None] * seen.ages[..., None]
    away = then.reshape(people, cameras, JOINTS, 3)[:, :, _SEEN] - seen.origins[:, :, None]
    depth = np.maximum((away * seen.rays).sum(-1), _MIN_DEPTH)  # (P, C, 13)
    far = depth.mean(-1, keepdims=True)
    lag = config.acceleration_sigma * seen.ages ** 2 / 2
    sharpness = np.sqrt(seen.weights / (
        config.keypoint_sigma ** 2 + seen.weights * lag[..., None] ** 2)) * far / depth
    residual = (across @ away[..., None])[..., 0] * sharpness[..., None]  # (P, C, 13, 2)
    squared = (residual ** 2).sum(-1)
    scale = (config.robust_scale * tolerance) ** 2
    trust = scale / (scale + squared)
    jacobian = across * sharpness[..., None, None] \
        - (residual / depth[..., None])[..., None] * seen.rays[..., None, :]
    jacobian, residual = jacobian * trust[..., None, None], residual * trust[..., None]
    return (np.einsum('pcjia,pcjib->pjab', jacobian, jacobian),
            np.einsum('pcjia,pcji->pja', jacobian, residual), np.sqrt(squared))


def _bones(x: np.ndarray, seen: Evidence, config: FusionConfig) -> tuple[np.ndarray, np.ndarray]:
    """Return Jacobian (P, 16, 52) and residuals (P, 16) of the bones."""
    xyz = x[:, _XYZ].reshape(-1, JOINTS, 3)
    bones = xyz[:, _CHILDREN] - xyz[:, _PARENTS]
    lengths = np.maximum(np.linalg.norm(bones, axis=-1), _MIN_LENGTH)
    directions = bones / (lengths[..., None] * config.bone_sigma)
    jacobian = np.zeros((len(x), BONES, SIZE))
    jacobian[:, _BONE_ROWS, _BONE_COLUMNS[1]] = directions
    jacobian[:, _BONE_ROWS, _BONE_COLUMNS[0]] = -directions
    jacobian[:, :, _STATURE] = -seen.lengths / config.bone_sigma
    return jacobian, (lengths - x[:, _STATURE:] * seen.lengths) / config.bone_sigma
