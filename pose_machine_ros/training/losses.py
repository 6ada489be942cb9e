# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Loss functions of the 3D networks; joints (*, 17, 3) in metres."""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.correction.root import locate
from pose_machine_ros.lifting.features import PersonView
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS

_CHILD = [i for i, p in enumerate(HUMAN36M_17.parents) if p >= 0]
_PARENT = [p for p in HUMAN36M_17.parents if p >= 0]
_MIRROR_BONES = list(HUMAN36M_17.mirror_bones)
_TOLERANCE = 0.15  # of the apparent size; keypoints with larger errors lose influence


def bone_vectors(joints: Tensor) -> Tensor:
    """Return the vectors (*, 16, 3) from parent to child."""
    return joints[..., _CHILD, :] - joints[..., _PARENT, :]


def position_loss(joints: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Return the mean distance per joint in metres (MPJPE) with `weights` (*) of the frames."""
    return weighted_mean((joints - target).norm(dim=-1).mean(-1), weights)


def bone_loss(joints: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Return the mean error of the bone vectors in metres."""
    error = bone_vectors(joints) - bone_vectors(target)
    return weighted_mean(error.norm(dim=-1).mean(-1), weights)


def motion_loss(joints: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Return the mean change of the error between frames in metres; joints (B, T, 17, 3)."""
    error = joints - target
    change = (error[:, 1:] - error[:, :-1]).norm(dim=-1).mean(-1)
    return weighted_mean(change, weights[:, 1:] * weights[:, :-1])


def uncertainty_loss(joints: Tensor, log_sigma: Tensor, target: Tensor,
                     weights: Tensor) -> Tensor:
    """Return the Gaussian negative log-likelihood of the error.

    No gradient flows through the error, so that only `log_sigma` is trained. The pelvis does not
    count: its error is zero by definition.
    """
    error = (joints - target).detach()[..., 1:, :]
    log_sigma = log_sigma[..., 1:, :]
    nll = 0.5 * (error * torch.exp(-log_sigma)).square() + log_sigma
    return weighted_mean(nll.mean((-1, -2)), weights)


def reprojection_loss(joints: Tensor, view: PersonView) -> Tensor:
    """Return the mean robust reprojection error, in units of the apparent size.

    `joints` (*, 17, 3) in the person camera, at the position that fits the keypoints best. The
    error saturates, so that keypoints with large errors have little influence (Geman-McClure).
    """
    root = locate(joints.detach(), view.plane, view.weights)[..., None, :]
    placed = (joints + root)[..., SHARED_JOINTS, :]
    plane = placed[..., :2] / placed[..., 2:].clamp_min(0.2)
    away = (plane - view.plane[..., SHARED_KEYPOINTS, :]) / view.size[..., None, None]
    squared = away.square().sum(-1) / _TOLERANCE ** 2
    scores = torch.where(root.isfinite().all(-1), view.weights[..., SHARED_KEYPOINTS], 0.0)
    return weighted_mean(_TOLERANCE * squared.nan_to_num() / (1 + squared.nan_to_num()), scores)


def symmetry_loss(joints: Tensor) -> Tensor:
    """Return the mean difference in length between left and right bones, in metres."""
    lengths = bone_vectors(joints).norm(dim=-1)
    return (lengths - lengths[..., _MIRROR_BONES]).abs().mean()


def constancy_loss(joints: Tensor) -> Tensor:
    """Return the mean absolute deviation of bone lengths over the clips (B, T, 17, 3), metres."""
    lengths = bone_vectors(joints).norm(dim=-1)
    return (lengths - lengths.mean(1, keepdim=True)).abs().mean()


def smoothness_loss(joints: Tensor) -> Tensor:
    """Return the mean second difference of the joints (B, T, 17, 3), metres."""
    return (joints[:, 2:] - 2 * joints[:, 1:-1] + joints[:, :-2]).norm(dim=-1).mean()


def weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean of values (*); a sum of the weights (*) below 1 counts as 1."""
    return (values * weights).sum() / weights.sum().clamp_min(1)
