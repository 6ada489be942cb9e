# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rotations of a mounted camera about its optical axis, in quarter turns."""

from __future__ import annotations

import numpy as np

ROTATIONS = (0, 90, 180, 270)  # degrees clockwise by which an image is turned upright
_SINES_COSINES = ((0, 1), (1, 0), (0, -1), (-1, 0))


def quarter_turn(degrees: int) -> np.ndarray:
    """Return the rotation (3, 3) about the optical axis, clockwise in the image; float32.

    `degrees` is one of ROTATIONS.
    """
    sine, cosine = _SINES_COSINES[ROTATIONS.index(degrees)]
    return np.float32([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
