# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Covariance of the pose of people's trunks, as geometry_msgs/PoseWithCovariance has it."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.body_frame import TRUNK
from pose_machine_ros.skeleton import HUMAN36M_17

PELVIS = HUMAN36M_17.index('pelvis')
_UP = np.array((-0.5, -0.5, 0.5, 0.5))  # shares of the joints of TRUNK in the vector of the trunk
_LEFT = np.array((1.0, -1.0, 1.0, -1.0))  # and in the vector to its left
# A part of the errors of these joints is common to all, and does not turn the trunk. By this factor
# on the standard deviation, fitted to training motion, the difference of two joints is more certain
# than that of independent ones.
_DIFFERENCE_FACTOR = 0.65
_LEAST_VARIANCE = 1e-9  # square metres
_MOST_OF_IT = 1 - 1e-5  # of a variance can be due to the size


def root_covariances(xyz: np.ndarray, covariance: np.ndarray, axes: np.ndarray,
                     size_sigma: np.ndarray, viewpoint: np.ndarray | None) -> np.ndarray:
    """Return the covariances (P, 6, 6) of P people: x, y, z, and rotations about the fixed axes.

    Metres and radians. `xyz` (P, 17, 3) are the joints, metres, `covariance` (P, 17, 3, 3) theirs,
    and `axes` (P, 3, 3) those of `BodyFrame`; all are NaN where unknown, and so is the result.
    `viewpoint` (3,) is the position of the camera, metres, if a single one sees the people. Then
    the uncertainty of a person's size, with the relative standard deviation `size_sigma` (P,),
    moves the whole body along the view, and does not turn it. The covariance of position and
    rotation with each other is not estimated; it is 0.
    """
    result = np.full((len(xyz), 6, 6), np.nan)
    result[:, :3, :3] = covariance[:, PELVIS]
    rotation = _rotation_covariance(xyz, covariance, axes, size_sigma, viewpoint)
    result[:, 3:, 3:] = rotation
    across = np.where(np.isfinite(rotation[:, :1, :1]), 0, np.nan)
    result[:, :3, 3:] = result[:, 3:, :3] = across
    return result


def _rotation_covariance(xyz: np.ndarray, covariance: np.ndarray, axes: np.ndarray,
                         size_sigma: np.ndarray, viewpoint: np.ndarray | None) -> np.ndarray:
    """Return the covariances (P, 3, 3) of small rotations about fixed axes, radians squared.

    Propagated to first order from the covariances of hips and shoulders.
    """
    joints, covariance = xyz[:, TRUNK], covariance[:, TRUNK]
    if viewpoint is not None:
        away = (joints - viewpoint) * np.nan_to_num(size_sigma)[:, None, None]
        covariance = _without(covariance, away)
    # In the axes x, y, z of the body, the trunk is along z, and its left is perpendicular to x. If
    # the trunk moves by d, z turns by d_x / up about y and by -d_y / up about x. If the left moves
    # too, x turns about z so that both stay perpendicular.
    up = (_UP @ joints)[:, None] @ axes  # (P, 1, 3)
    left = (_LEFT @ joints)[:, None] @ axes
    up, left_y, left_z = up[:, 0, 2], left[:, 0, 1], left[:, 0, 2]
    turns = np.zeros((len(xyz), 4, 3, 3))  # about x, y, z by a move of each joint along x, y, z
    turns[:, :, 0, 1] = -_UP / up[:, None]
    turns[:, :, 1, 0] = _UP / up[:, None]
    turns[:, :, 2, 0] = (_UP * (left_z / up)[:, None] - _LEFT) / left_y[:, None]
    by_joint = axes[:, None] @ turns @ axes.swapaxes(1, 2)[:, None]  # (P, 4, 3, 3)
    return _DIFFERENCE_FACTOR ** 2 * (by_joint @ covariance @ by_joint.swapaxes(2, 3)).sum(1)


def _without(covariance: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return covariances (*, 3, 3) without that of an error along `part` (*, 3), as far as it goes.

    The covariance of a person whom the fusion has found may hold less of it.
    """
    weighted = np.linalg.solve(covariance + _LEAST_VARIANCE * np.eye(3), part[..., None])[..., 0]
    most = 1 / np.maximum((part * weighted).sum(-1), 1e-12)  # more would not leave a covariance
    share = np.minimum(1, _MOST_OF_IT * most)
    return covariance - (share[..., None] * part)[..., None] * part[..., None, :]
