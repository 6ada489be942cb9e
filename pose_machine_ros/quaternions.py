# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Unit quaternions of rotation matrices."""

from __future__ import annotations

import numpy as np


def quaternions_of(rotations: np.ndarray) -> np.ndarray:
    """Return x, y, z, w (*, 4), float64, of rotation matrices (*, 3, 3); NaN where they are NaN.

    Of the two quaternions of a rotation, it is the one with w >= 0. Divides by the largest of the
    four components (Shepperd's method), so it is accurate for any rotation.
    """
    flat = np.asarray(rotations, np.float64).reshape(-1, 9)
    # Each row is a multiple of (x, y, z, w); the factor is 4 times the component on the diagonal.
    rows = (flat @ _LINEAR + _CONSTANT).reshape(-1, 4, 4)
    largest = rows[:, range(4), range(4)].argmax(-1)
    found = rows[np.arange(len(rows)), largest]
    found /= np.copysign(np.sqrt((found * found).sum(-1)), found[:, 3])[:, None]
    return found.reshape(*np.shape(rotations)[:-2], 4)


def _candidates() -> np.ndarray:
    """Return the linear part (9, 16) of Shepperd's rows, in the elements of the matrix."""
    a, b, c, d, e, f, g, h, i = np.eye(9)
    rows = ((a - e - i, b + d, c + g, h - f),
            (b + d, e - a - i, f + h, c - g),
            (c + g, f + h, i - a - e, d - b),
            (h - f, c - g, d - b, a + e + i))
    return np.array(rows).reshape(16, 9).T


_LINEAR = _candidates()
_CONSTANT = np.eye(4).ravel()
