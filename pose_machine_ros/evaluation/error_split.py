# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The parts of a pose error: along and across the view, scale, lean of the trunk, and each limb."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LIMBS = ('shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')


def split_error(joints: np.ndarray, truth: np.ndarray, names: Sequence[str], rays: np.ndarray
                ) -> dict[str, float]:
    """Return the parts of the error of a clip.

    `joints` and `truth` are (F, J, 3) in metres, in a camera frame, centred at the origin of the
    pose, NaN where unknown. `names` has the J names, with LIMB_JOINTS among them. `rays` (F, 3)
    points from the camera to the true origin of the pose, with any length.

    `along_mm` is the mean distance from the truth along the ray, and `across_mm` the mean distance
    at right angles to it. `scale_pct` is positive if the person is too large: the factor that fits
    the truth to the joints best, over all frames, minus one. `scale_error_pct` is its absolute
    value. `lean_deg` is positive if the trunk leans too far towards the camera: the mean difference
    of the angle between the trunk, from the middle of the hips to that of the shoulders, and the
    plane across the ray. `lean_error_deg` is the mean absolute value of that difference.
    `shoulders_mm` to `ankles_mm` are the mean distances of these joints, left and right. A part
    that nothing is known about is NaN.
    """
    rays = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
    error = joints - truth
    along = (error * rays[:, None]).sum(-1)
    across = np.linalg.norm(error - along[..., None] * rays[:, None], axis=-1)
    distance = np.linalg.norm(error, axis=-1)
    scale = 100 * (_scale(joints, truth) - 1)
    lean = np.degrees(_lean(joints, names, rays) - _lean(truth, names, rays))
    return {
        'along_mm': 1e3 * _mean(np.abs(along)), 'across_mm': 1e3 * _mean(across),
        'scale_pct': scale, 'scale_error_pct': abs(scale),
        'lean_deg': _mean(lean), 'lean_error_deg': _mean(np.abs(lean)),
        **{f'{limb}s_mm': 1e3 * _mean(distance[:, _pair(names, limb)]) for limb in LIMBS}}


def _scale(joints: np.ndarray, truth: np.ndarray) -> float:
    """Return the factor s that minimises |joints - s truth|, over the joints known in both."""
    known = np.isfinite(joints + truth)
    dot, square = (np.where(known, truth * x, 0).sum() for x in (joints, truth))
    return float(dot / square) if square > 0 else float('nan')


def _lean(joints: np.ndarray, names: Sequence[str], rays: np.ndarray) -> np.ndarray:
    """Return the angle (F,) in radians by which the trunk points towards the camera."""
    hips, shoulders = (joints[:, _pair(names, limb)].mean(1) for limb in ('hip', 'shoulder'))
    trunk = shoulders - hips
    sine = (trunk * rays).sum(-1) / np.linalg.norm(trunk, axis=-1)
    return -np.arcsin(sine.clip(-1, 1))


def _pair(names: Sequence[str], limb: str) -> list[int]:
    return [names.index(f'{side}_{limb}') for side in ('left', 'right')]


def _mean(values: np.ndarray) -> float:
    """Return the mean of the known values, NaN if there are none."""
    values = values[np.isfinite(values)]
    return float(values.mean()) if values.size else float('nan')
