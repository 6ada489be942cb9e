# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rotations: quarter turns of a mounted camera about its optical axis, and unit quaternions."""

from __future__ import annotations

import math

import numpy as np

ROTATIONS = (0, 90, 180, 270)  # degrees clockwise by which an image is turned upright
_SINES_COSINES = ((0, 1), (1, 0), (0, -1), (-1, 0))


def quarter_turn(degrees: int) -> np.ndarray:
    """Return the rotation (3, 3) about the optical axis, clockwise in the image; float32.

    `degrees` is one of ROTATIONS.
    """
    sine, cosine = _SINES_COSINES[ROTATIONS.index(degrees)]
    return np.float32([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])


def quaternion_of(rotation: np.ndarray) -> tuple[float, float, float, float]:
    """Return the unit quaternion x, y, z, w of a rotation (3, 3).

    Divides by the largest of the four components (Shepperd's method), so it is accurate for any
    rotation. SciPy's function gives the same, but its import delays the start of the node.
    """
    (a, b, c), (d, e, f), (g, h, i) = rotation.tolist()
    # Each row is a multiple of (x, y, z, w); the factor is 4 times the component named first
    candidates = (
        (1 + a - e - i, b + d, c + g, h - f),
        (b + d, 1 - a + e - i, f + h, c - g),
        (c + g, f + h, 1 - a - e + i, d - b),
        (h - f, c - g, d - b, 1 + a + e + i))
    largest = max(range(4), key=lambda k: candidates[k][k])
    length = math.hypot(*candidates[largest])
    x, y, z, w = (component / length for component in candidates[largest])
    return x, y, z, w
