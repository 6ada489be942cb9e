# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Unit quaternions x, y, z, w; single ones are tuples, which are faster than arrays."""

from __future__ import annotations

import math

import numpy as np

Quaternion = tuple[float, float, float, float]
Vector = tuple[float, float, float]

_NEARLY_EQUAL = 0.9995  # cosine of half an angle; a chord is as good as the arc below it


def quaternion_of(rotation: np.ndarray) -> Quaternion:
    """Return the quaternion, with w >= 0, of a rotation (3, 3)."""
    x, y, z, w = quaternions_of(rotation).tolist()
    return x, y, z, w


def quaternions_of(rotations: np.ndarray) -> np.ndarray:
    """Return x, y, z, w (*, 4), float64, of rotation matrices (*, 3, 3); NaN where they are NaN.

    Of the two quaternions of a rotation, it is the one with w >= 0. Divides by the largest of the
    four components (Shepperd's method), so it is accurate for any rotation.
    """
    flat = np.asarray(rotations, np.float64).reshape(-1, 9)
    # Each row is a multiple of (x, y, z, w); the factor is 4 times the component on the diagonal.
    rows = (flat @ _LINEAR + _CONSTANT).reshape(-1, 4, 4)
    largest = rows.reshape(-1, 16)[:, ::5].argmax(-1)
    found = rows[np.arange(len(rows)), largest]
    found /= np.copysign(np.sqrt((found * found).sum(-1)), found[:, 3])[:, None]
    return found.reshape(*np.shape(rotations)[:-2], 4)


def normalized(q: Quaternion) -> Quaternion:
    """Return a quaternion of length 1 from one of any length but zero."""
    length = math.hypot(*q)
    x, y, z, w = (component / length for component in q)
    return x, y, z, w


def multiply(p: Quaternion, q: Quaternion) -> Quaternion:
    """Return the rotation by `q` and then by `p`."""
    (px, py, pz, pw), (qx, qy, qz, qw) = p, q
    return (pw * qx + px * qw + py * qz - pz * qy, pw * qy - px * qz + py * qw + pz * qx,
            pw * qz + px * qy - py * qx + pz * qw, pw * qw - px * qx - py * qy - pz * qz)


def rotate(q: Quaternion, v: Vector) -> Vector:
    """Return a vector that is turned by `q`."""
    (x, y, z, w), (a, b, c) = q, v
    s, t, u = 2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)
    return (a + w * s + y * u - z * t, b + w * t + z * s - x * u, c + w * u + x * t - y * s)


def slerp(p: Quaternion, q: Quaternion, share: float) -> Quaternion:
    """Return the rotation on the shorter arc from `p`, share 0, to `q`, share 1."""
    cosine = sum(a * b for a, b in zip(p, q))
    sign = -1.0 if cosine < 0 else 1.0  # q and -q are the same rotation
    cosine = abs(cosine)
    first, second = 1 - share, share
    if cosine < _NEARLY_EQUAL:
        angle = math.acos(cosine)
        first, second = (math.sin(s * angle) for s in (first, second))
    x, y, z, w = (first * a + second * sign * b for a, b in zip(p, q))
    return normalized((x, y, z, w))


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
