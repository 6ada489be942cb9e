# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rigid transforms between frames."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pose_machine_ros.camera.quaternions import quaternion_of
from pose_machine_ros.errors import InputError

_TOLERANCE = 1e-3  # of the rotation


@dataclass(frozen=True)
class RigidTransform:
    """The pose of a frame in another one: it maps points of the frame into the other one.

    Raises InputError for numbers that are no rigid transform.
    """

    rotation: np.ndarray = field(default_factory=lambda: np.eye(3))  # (3, 3) float64
    translation: np.ndarray = field(default_factory=lambda: np.zeros(3))  # (3,) float64, metres

    def __post_init__(self) -> None:
        rotation = np.asarray(self.rotation, np.float64)
        translation = np.asarray(self.translation, np.float64)
        if rotation.shape != (3, 3) or not np.isfinite(rotation).all() \
                or np.abs(rotation @ rotation.T - np.eye(3)).max() > _TOLERANCE \
                or np.linalg.det(rotation) < 0:
            raise InputError(f'{rotation.tolist()} is not a rotation matrix: its rows must be '
                             'perpendicular, of length 1 and right-handed')
        if translation.shape != (3,) or not np.isfinite(translation).all():
            raise InputError(f'{translation.tolist()} is not a translation: give 3 finite numbers')
        object.__setattr__(self, 'rotation', rotation)
        object.__setattr__(self, 'translation', translation)

    @classmethod
    def from_quaternion(cls, quaternion: np.ndarray, translation: np.ndarray) -> RigidTransform:
        """Return the transform with a rotation x, y, z, w of any length but zero."""
        quaternion = np.asarray(quaternion, np.float64)
        length = np.linalg.norm(quaternion)
        if not (quaternion.shape == (4,) and np.isfinite(length) and length > 1e-6):
            raise InputError(f'{quaternion.tolist()} is not a rotation: give x, y, z, w of length '
                             '1')
        x, y, z, w = quaternion / length
        return cls(np.array([
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]]), translation)

    def quaternion(self) -> tuple[float, float, float, float]:
        """Return x, y, z, w of the rotation, of length 1."""
        return quaternion_of(self.rotation)

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Return points (*, 3) of the frame in the other one, metres."""
        return points @ self.rotation.T + self.translation

    def rotate(self, vectors: np.ndarray) -> np.ndarray:
        """Return directions (*, 3) of the frame in the other one."""
        return vectors @ self.rotation.T

    def rotate_covariance(self, covariance: np.ndarray) -> np.ndarray:
        """Return covariances (*, 3, 3) of vectors of the frame in the other one."""
        return self.rotation @ covariance @ self.rotation.T

    def inverse(self) -> RigidTransform:
        """Return the transform back."""
        return RigidTransform(self.rotation.T, -self.rotation.T @ self.translation)

    def __matmul__(self, other: RigidTransform) -> RigidTransform:
        """Return the transform that applies `other` first."""
        return RigidTransform(self.rotation @ other.rotation, self.apply(other.translation))
