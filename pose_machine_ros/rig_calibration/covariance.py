# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Covariance of a bundle adjustment with errors as 2D networks have them.

Their errors are correlated over time, and a part of them stays the same: a network may place a hip
two centimetres too high in all frames of a camera. The usual inverse of the normal matrix ignores
both, and is several times too small. Here the gradients of blocks of time are the samples of a
sandwich estimator (Liang and Zeger, 1986), and an offset of each joint in each camera is propagated
to the result.
"""

from __future__ import annotations

import numpy as np

from pose_machine_ros.rig_calibration.bundle_adjustment import (
    BundleAdjustment, NormalEquations, Residuals, RigState, UNKNOWNS)

_BLOCK_SECONDS = 2.0
_MIN_BLOCKS = 10
BIAS_SIGMA = 0.02  # metres, of the constant offset of a keypoint to the right and down
_TIME_SIGMA = 1.5e-3  # seconds, of a time offset: exposure, and rays fitted between frames


def camera_covariance(adjustment: BundleAdjustment, state: RigState, found: Residuals,
                      equations: NormalEquations, times: np.ndarray) -> np.ndarray:
    """Return the covariance (C, 7, C, 7) of rotation, translation and offset of all cameras.

    The unknowns are those of `BundleAdjustment.by_camera`, radians, metres and seconds; the first
    camera's are 0. The scale is fixed. `times` (N,) are those of the moments, seconds.
    """
    free = np.ix_(adjustment.free, adjustment.free)
    inverse = np.linalg.pinv(adjustment.constrained(equations.matrix)[free], hermitian=True)
    samples = _block_gradients(equations.gradients, times)
    count = len(samples)
    samples = samples * np.sqrt(count / max(count - 1, 1))
    samples = np.concatenate((samples, BIAS_SIGMA * _bias_gradients(
        adjustment, state, found, equations)))[:, adjustment.free]
    moved = samples @ inverse
    covariance = np.zeros(equations.matrix.shape)
    covariance[free] = moved.T @ moved
    cameras = len(state.offsets)
    local = cameras * UNKNOWNS
    result = covariance[:local, :local].reshape(cameras, UNKNOWNS, cameras, UNKNOWNS)
    is_estimated = adjustment.free[UNKNOWNS - 1:local:UNKNOWNS]
    for camera in np.flatnonzero(is_estimated):
        result[camera, -1, camera, -1] += _TIME_SIGMA ** 2
    return result


def _block_gradients(gradients: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the sums (K, G) of the gradients (N, G) over blocks of time."""
    seconds = min(_BLOCK_SECONDS, max(np.ptp(times), 1e-3) / _MIN_BLOCKS)
    _, block = np.unique(np.floor((times - times.min()) / seconds), return_inverse=True)
    sums = np.zeros((block.max() + 1, gradients.shape[1]))
    np.add.at(sums, block, gradients)
    return sums


def _bias_gradients(adjustment: BundleAdjustment, state: RigState, found: Residuals,
                    equations: NormalEquations) -> np.ndarray:
    """Return the gradients (2 C J, G) if one joint of one camera is off by a metre all the time."""
    cameras, moments, joints = found.weights.shape
    weights = found.weights[..., None, None]
    own = (weights * adjustment.by_camera(found)).sum(1)  # (C, J, 2, 7)
    pull = weights * np.einsum('cnjka,cab->cnjkb', found.by_point, state.rotations)
    by_joints = equations.by_joints.reshape(moments, joints, 3, -1)
    gradients = -np.einsum('cnjkb,njbg->cjkg', pull, by_joints)
    for camera in range(cameras):
        place = slice(camera * UNKNOWNS, (camera + 1) * UNKNOWNS)
        gradients[camera, ..., place] += own[camera]
    return gradients.reshape(-1, gradients.shape[-1])
