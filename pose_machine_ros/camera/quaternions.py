# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Unit quaternions x, y, z, w as tuples, which are faster than arrays for single rotations."""

from __future__ import annotations

import math

import numpy as np

Quaternion = tuple[float, float, float, float]
Vector = tuple[float, float, float]

_NEARLY_EQUAL = 0.9995  # cosine of half an angle; a chord is as good as the arc below it


def quaternion_of(rotation: np.ndarray) -> Quaternion:
    """Return the quaternion of a rotation (3, 3).

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
    return normalized(candidates[largest])


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
