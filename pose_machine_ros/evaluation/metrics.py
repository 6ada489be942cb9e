# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How far poses are from the truth; joints (F, J, 3) in metres, NaN where it is not known."""

from __future__ import annotations

import numpy as np


def mpjpe(joints: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean per joint position error in mm."""
    return 1e3 * float(np.nanmean(np.linalg.norm(joints - truth, axis=-1)))


def pa_mpjpe(joints: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean error in mm after each frame is turned, scaled and moved onto the truth."""
    return mpjpe(np.stack([procrustes(j, t) for j, t in zip(joints, truth)]), truth)


def procrustes(joints: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return (J, 3) `joints` after the similarity that brings them nearest to (J, 3) `truth`.

    Joints whose truth is NaN do not count. After Umeyama, TPAMI 13(4), 1991; no mirroring.
    """
    known = np.isfinite(truth).all(-1) & np.isfinite(joints).all(-1)
    if known.sum() < 3:
        return np.full_like(joints, np.nan)
    middle, target = joints[known].mean(0), truth[known].mean(0)
    x, y = joints[known] - middle, truth[known] - target
    u, s, vt = np.linalg.svd(x.T @ y)
    sign = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * sign) @ vt
    scale = (s * sign).sum() / (x ** 2).sum()
    return (joints - middle) @ rotation * scale + target


def acceleration_error(joints: np.ndarray, truth: np.ndarray, fps: float) -> float:
    """Return the mean error of the acceleration in mm per frame interval squared at 30 Hz.

    The usual unit of the field is mm per frame squared; here it is converted to frames of 30 Hz, so
    that rates can be compared.
    """
    second = np.diff(joints, 2, axis=0) - np.diff(truth, 2, axis=0)
    return 1e3 * float(np.nanmean(np.linalg.norm(second, axis=-1))) * (fps / 30) ** 2
