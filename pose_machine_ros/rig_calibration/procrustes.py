# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rotations that bring two sets of vectors into agreement."""

from __future__ import annotations

import numpy as np


def nearest_rotation(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rotations R (*, 3, 3) with the largest trace of R^T M, and these traces (*,).

    With M the sum of b a^T over pairs of vectors, R turns the vectors a as near as possible to the
    vectors b (Kabsch, 1976).
    """
    u, values, vt = np.linalg.svd(matrix)
    sign = np.sign(np.linalg.det(u @ vt))
    values[..., 2] *= sign
    u[..., 2] *= sign[..., None]
    return u @ vt, values.sum(-1)


def rotation_of(vector: np.ndarray) -> np.ndarray:
    """Return the rotation (3, 3) about `vector` (3,) by its length in radians."""
    angle = np.linalg.norm(vector)
    if angle < 1e-12:
        return np.eye(3) + cross_matrix(vector)
    axis = cross_matrix(vector / angle)
    return np.eye(3) + np.sin(angle) * axis + (1 - np.cos(angle)) * axis @ axis


def rotation_vector(rotation: np.ndarray) -> np.ndarray:
    """Return the axis (3,) of a rotation (3, 3) of less than half a turn, times its angle."""
    axis = np.array([rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0],
                     rotation[1, 0] - rotation[0, 1]]) / 2
    sine = np.linalg.norm(axis)
    return axis if sine < 1e-9 else axis / sine * rotation_angle(rotation)


def rotation_angle(rotation: np.ndarray) -> float:
    """Return the angle of a rotation (3, 3) in radians."""
    sine = np.linalg.norm(rotation - rotation.T) / np.sqrt(8)
    return float(np.arctan2(sine, (np.trace(rotation) - 1) / 2))


def cross_matrix(vectors: np.ndarray) -> np.ndarray:
    """Return the matrices (*, 3, 3) of the cross product with vectors (*, 3)."""
    x, y, z = np.moveaxis(np.asarray(vectors, np.float64), -1, 0)
    zero = np.zeros_like(x)
    rows = ((zero, -z, y), (z, zero, -x), (-y, x, zero))
    return np.stack([np.stack(row, -1) for row in rows], -2)
