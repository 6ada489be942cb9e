# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the 3D networks are taught to make small; joints (*, 17, 3) in metres."""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.correction.root import locate
from pose_machine_ros.lifting.features import PersonView
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS

_CHILD = [i for i, p in enumerate(HUMAN36M_17.parents) if p >= 0]
_PARENT = [p for p in HUMAN36M_17.parents if p >= 0]
_MIRROR_BONES = list(HUMAN36M_17.mirror_bones)
_TOLERANCE = 0.15  # of the apparent size; a keypoint that is further off loses influence


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


def reprojection_loss(joints: Tensor, view: PersonView) -> Tensor:
    """Mean distance of the projected joints to the keypoints, in units of the apparent size.

    `joints` (*, 17, 3) in the person camera. Where the person stands is what fits best. Robust:
    a keypoint that is far off pulls no more than one that is near.
    """
    root = locate(joints.detach(), view.plane, view.weights)[..., None, :]
    placed = (joints + root)[..., SHARED_JOINTS, :]
    plane = placed[..., :2] / placed[..., 2:].clamp_min(0.2)
    away = (plane - view.plane[..., SHARED_KEYPOINTS, :]) / view.size[..., None, None]
    squared = away.square().sum(-1) / _TOLERANCE ** 2
    scores = torch.where(root.isfinite().all(-1), view.weights[..., SHARED_KEYPOINTS], 0.0)
    return _mean(_TOLERANCE * squared.nan_to_num() / (1 + squared.nan_to_num()), scores)


def symmetry_loss(joints: Tensor) -> Tensor:
    """Mean difference in metres between left bones and right bones."""
    lengths = bone_vectors(joints).norm(dim=-1)
    return (lengths - lengths[..., _MIRROR_BONES]).abs().mean()


def constancy_loss(joints: Tensor) -> Tensor:
    """Mean deviation in metres of the bones' lengths over the clips (B, T, 17, 3)."""
    lengths = bone_vectors(joints).norm(dim=-1)
    return (lengths - lengths.mean(1, keepdim=True)).abs().mean()


def smoothness_loss(joints: Tensor) -> Tensor:
    """Mean second difference in metres over the clips (B, T, 17, 3)."""
    return (joints[:, 2:] - 2 * joints[:, 1:-1] + joints[:, :-2]).norm(dim=-1).mean()


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp_min(1)
