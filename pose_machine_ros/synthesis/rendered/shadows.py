# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Soft shadows of a person on the floor."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_SHARE = 0.7  # of the sequences
_EVERY = 3  # vertex of the body is dropped on the floor
_SPOT = np.ones((7, 7), np.uint8)  # px that a vertex darkens


@dataclass(frozen=True)
class Shadow:
    """One light that throws shadows on the floor, z = 0."""

    slant: np.ndarray  # (2,) how far it shifts a point per metre of height
    darkness: float  # share of the light that is taken away
    softness: float  # px

    @classmethod
    def random(cls, rng: np.random.Generator) -> Shadow:
        """Return a random one; its darkness is 0 at times."""
        darkness = rng.uniform(0.2, 0.65) if rng.uniform() < _SHARE else 0.0
        return cls(rng.normal(0, 0.4, 2), darkness, rng.uniform(2, 7))

    def dropped(self, surface: np.ndarray) -> np.ndarray:
        """Return points (N, 3) on the floor that lie in the shadow of a surface (V, 3)."""
        points = surface[::_EVERY]
        ground = points[:, :2] + points[:, 2:] * self.slant
        return np.column_stack((ground, np.zeros(len(ground))))

    def light(self, pixels: np.ndarray, size: int) -> np.ndarray:
        """Return what share of the light is left, (size, size), with shadow at pixels (N, 2)."""
        spots = np.zeros((size, size), np.float32)
        columns, rows = pixels[((pixels > -0.5) & (pixels < size - 0.5)).all(-1)].round().astype(
            int).T
        spots[rows, columns] = 1
        spots = cv2.GaussianBlur(cv2.dilate(spots, _SPOT), (0, 0), self.softness)
        return 1 - self.darkness * spots
