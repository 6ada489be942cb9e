# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the 3D networks are taught to make small; joints (*, 17, 3) in metres."""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.skeleton import HUMAN36M_17

_CHILD = [i for i, p in enumerate(HUMAN36M_17.parents) if p >= 0]
_PARENT = [p for p in HUMAN36M_17.parents if p >= 0]


def bone_vectors(joints: Tensor) -> Tensor:
    """Return the vectors (*, 16, 3) from parent to child."""
    return joints[..., _CHILD, :] - joints[..., _PARENT, :]


def position_loss(joints: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Mean distance per joint in metres (MPJPE); `weights` (*) count the frames."""
    return _mean((joints - target).norm(dim=-1).mean(-1), weights)


def bone_loss(joints: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Mean error of the bone vectors in metres."""
    error = bone_vectors(joints) - bone_vectors(target)
    return _mean(error.norm(dim=-1).mean(-1), weights)


def motion_loss(joints: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Mean change of the error from frame to frame in metres; joints (B, T, 17, 3)."""
    error = joints - target
    change = (error[:, 1:] - error[:, :-1]).norm(dim=-1).mean(-1)
    return _mean(change, weights[:, 1:] * weights[:, :-1])


def uncertainty_loss(joints: Tensor, log_sigma: Tensor, target: Tensor,
                     weights: Tensor) -> Tensor:
    """Gaussian negative log-likelihood of the error, which is held fixed: trains `log_sigma` only.

    The pelvis is left out, its error is zero by definition.
    """
    error = (joints - target).detach()[..., 1:, :]
    log_sigma = log_sigma[..., 1:, :]
    nll = 0.5 * (error * torch.exp(-log_sigma)).square() + log_sigma
    return _mean(nll.mean((-1, -2)), weights)


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp_min(1)
