# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rotations of many frames at once; vectors (*, 3), angles (*,) radians, rotations (*, 3, 3)."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

_TINY = 1e-9


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of length 1 in the same directions."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True).clip(_TINY)


def across(vectors: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Return the part of the vectors that is perpendicular to the axes."""
    axes = unit(axes)
    return vectors - (vectors * axes).sum(-1, keepdims=True) * axes


def perpendicular(vectors: np.ndarray) -> np.ndarray:
    """Return one of the directions that are perpendicular to each vector, of length 1."""
    return unit(np.cross(vectors, np.eye(3)[np.abs(vectors).argmin(-1)]))


def turned(rotations: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return the rotated vectors; each side may be a single one."""
    return (rotations @ vectors[..., None])[..., 0]


def about(axes: np.ndarray, angles: np.ndarray | float) -> np.ndarray:
    """Return rotations about the axes."""
    return exponential(unit(axes) * np.asarray(angles)[..., None])


def swing(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the smallest rotations that turn the directions `start` to `end`."""
    start, end = np.broadcast_arrays(unit(start), unit(end))
    axes = np.cross(start, end)
    sine = np.linalg.norm(axes, axis=-1)
    # For opposite directions, any perpendicular axis will do.
    axes = np.where(sine[..., None] > 1e-6, axes, perpendicular(start))
    return about(axes, np.arctan2(sine, (start * end).sum(-1)))


def angle_between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the angles between two directions, 0 to pi."""
    return np.arccos((unit(start) * unit(end)).sum(-1).clip(-1, 1))


def angle_about(axes: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the signed angles about the axes from `start` to `end`, both seen along the axes."""
    start, end = across(start, axes), across(end, axes)
    return np.arctan2((unit(axes) * np.cross(start, end)).sum(-1), (start * end).sum(-1))


def share(rotations: np.ndarray, fraction: np.ndarray | float) -> np.ndarray:
    """Return rotations about the same axes by a fraction of the angle."""
    return exponential(logarithm(rotations) * np.asarray(fraction)[..., None])


def between(start: np.ndarray, end: np.ndarray, fraction: float) -> np.ndarray:
    """Return the rotations at a fraction of the shortest way from `start` to `end`."""
    return start @ share(np.swapaxes(start, -1, -2) @ end, fraction)


def towards(start: np.ndarray, end: np.ndarray, limit: float) -> np.ndarray:
    """Return the rotations `end`, or those nearest to it that differ from `start` by `limit`."""
    vectors = logarithm(np.swapaxes(start, -1, -2) @ end)
    angles = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return start @ exponential(vectors * np.minimum(1, limit / angles.clip(_TINY)))


def exponential(vectors: np.ndarray) -> np.ndarray:
    """Return the rotations about the vectors by their lengths."""
    matrices = Rotation.from_rotvec(vectors.reshape(-1, 3)).as_matrix()
    return matrices.reshape(*vectors.shape, 3)


def logarithm(rotations: np.ndarray) -> np.ndarray:
    """Return the vectors (*, 3) about which, and by whose lengths, the rotations turn."""
    return Rotation.from_matrix(rotations.reshape(-1, 3, 3)).as_rotvec().reshape(
        rotations.shape[:-1])


def frame(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return rotations with the columns `first`, the part of `second` across it, their product."""
    first = unit(first)
    second = unit(across(second, first))
    return np.stack((first, second, np.cross(first, second)), -1)
