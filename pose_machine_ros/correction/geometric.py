# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Geometric self-supervised correction: the pose that agrees best with all that is known.

Over the newest frames of a person, the joints' positions in the camera's frame are chosen so that

- they project onto the keypoints seen there, each weighted by its score, robustly,
- they stay near the lifter's pose, in units of its own predicted deviation,
- bones keep the person's lengths,
- no joint accelerates more than people do, in true time.

A sum of squares, made small by damped Gauss-Newton steps (Levenberg-Marquardt with reweighting),
batched over people. Since the unknowns are positions, each term touches a joint, or two, or one
joint in three frames, and the normal matrix is put together from 3 x 3 blocks. Its inverse is the
covariance of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pose_machine_ros.correction.config import GeometricConfig
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS

_JOINTS = len(HUMAN36M_17)
_BONE_CHILD = [i for i, p in enumerate(HUMAN36M_17.parents) if p >= 0]
_BONE_PARENT = [p for p in HUMAN36M_17.parents if p >= 0]
# Edges of the normal matrix: the bones, then every joint with the pelvis.
_CHILD = torch.tensor(_BONE_CHILD + list(range(1, _JOINTS)))
_PARENT = torch.tensor(_BONE_PARENT + [0] * (_JOINTS - 1))
_BLOCKS = torch.cat((_CHILD * _JOINTS + _CHILD, _PARENT * _JOINTS + _PARENT,
                     _CHILD * _JOINTS + _PARENT, _PARENT * _JOINTS + _CHILD))
_MIN_DEPTH = 0.2  # metres


@dataclass(frozen=True)
class Window:
    """What is known of P people over their newest W frames, oldest first."""

    rotation: Tensor  # (P, W, 3, 3) camera frame -> person camera of each frame
    plane: Tensor  # (P, W, 17, 2) COCO-17 keypoints, x/z and y/z in the person camera
    weights: Tensor  # (P, W, 17) their scores, 0 where unseen
    size: Tensor  # (P, W) apparent size, in the units of `plane`
    joints: Tensor  # (P, W, 17, 3) intermediate pose, metres relative to the pelvis
    precision: Tensor  # (P, W, 17, 3, 3) inverse covariance of `joints`
    steps: Tensor  # (P, W) seconds since the frame before; the first is not used
    lengths: Tensor  # (P, 16) bone lengths, metres, in the order of HUMAN36M_17.bones


def correct(window: Window, start: Tensor,
            config: GeometricConfig = GeometricConfig()) -> tuple[Tensor, Tensor]:
    """Return corrected positions (P, W, 17, 3) and the newest frame's covariance (P, 17, 3, 3).

    `start` (P, W, 17, 3): first guess, metres, in the camera's frame. The answer's cost is never
    higher than that of the guess.
    """
    rigid = _smoothness(window.steps, config)
    best = start
    cost, gradient, normal = _linearize(best, window, rigid, config)
    damping = torch.full_like(cost, config.damping)
    for _ in range(config.steps):
        trial = best + _step(gradient, normal, damping).view_as(best)
        trial_cost, trial_gradient, trial_normal = _linearize(trial, window, rigid, config)
        better = trial_cost < cost
        damping = torch.where(better, damping, 10 * damping)
        cost = torch.where(better, trial_cost, cost)
        best = torch.where(better[:, None, None, None], trial, best)
        gradient = torch.where(better[:, None, None, None], trial_gradient, gradient)
        normal = torch.where(better[:, None, None], trial_normal, normal)
    return best, _newest_covariance(normal)


def cost(positions: Tensor, window: Window,
         config: GeometricConfig = GeometricConfig()) -> Tensor:
    """Return half the weighted sum of squares (P,) that `correct` makes small."""
    return _linearize(positions, window, _smoothness(window.steps, config), config)[0]


def _linearize(x: Tensor, window: Window, rigid: Tensor,
               config: GeometricConfig) -> tuple[Tensor, Tensor, Tensor]:
    """Return cost (P,), gradient (P, W, 17, 3) and Gauss-Newton matrix (P, 51 W, 51 W) at `x`."""
    people, frames = x.shape[:2]
    blocks = x.new_zeros(people, frames, _JOINTS * _JOINTS, 3, 3)
    gradient = torch.zeros_like(x)

    # Keypoints: residual in deviations, with the Geman-McClure weight of its length. In the person
    # camera, where an angle is as long in every part of the picture and every ray goes forward.
    seen = x[:, :, SHARED_JOINTS] @ window.rotation.mT
    depth = seen[..., 2:].clamp_min(_MIN_DEPTH)
    plane = seen[..., :2] / depth
    score = window.weights[..., SHARED_KEYPOINTS].sqrt()
    sharp = (score / (config.keypoint_sigma * window.size[..., None]))[..., None]
    residual = (plane - window.plane[..., SHARED_KEYPOINTS, :]) * sharp
    squared = residual.square().sum(-1)
    scale = config.robust_scale ** 2
    cost = 0.5 * (scale * squared / (scale + squared)).sum((1, 2))
    trust = (scale / (scale + squared)).square()[..., None]
    zero = torch.zeros_like(depth)
    jacobian = torch.stack((
        torch.cat((1 / depth, zero, -plane[..., :1] / depth), -1),
        torch.cat((zero, 1 / depth, -plane[..., 1:] / depth), -1)), -2) * sharp[..., None]
    jacobian = jacobian @ window.rotation[:, :, None]
    weighted = jacobian * trust[..., None]
    gradient[:, :, SHARED_JOINTS] += (weighted * residual[..., None]).sum(-2)
    diagonal = [j * _JOINTS + j for j in SHARED_JOINTS]
    blocks[:, :, diagonal] += jacobian.mT @ weighted

    # Bones: residual of the length along the bone. Prior: difference to the intermediate pose.
    bone = x[:, :, _BONE_CHILD] - x[:, :, _BONE_PARENT]
    length = bone.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    along = bone / length
    stretch = (length[..., 0] - window.lengths[:, None]) / config.bone_sigma
    cost = cost + 0.5 * stretch.square().sum((1, 2))
    pull = along * (stretch / config.bone_sigma)[..., None]
    stiff = along[..., None] * along[..., None, :] / config.bone_sigma ** 2

    precision = window.precision[:, :, 1:] / config.prior_inflation ** 2
    away = x[:, :, 1:] - x[:, :, :1] - window.joints[:, :, 1:]
    force = (precision @ away[..., None])[..., 0]
    cost = cost + 0.5 * (away * force).sum((1, 2, 3))

    forces = torch.cat((pull, force), 2)
    stiffness = torch.cat((stiff, precision), 2)
    gradient.index_add_(2, _CHILD.to(x.device), forces)
    gradient.index_add_(2, _PARENT.to(x.device), -forces)
    blocks.index_add_(2, _BLOCKS.to(x.device),
                      torch.cat((stiffness, stiffness, -stiffness, -stiffness), 2))

    # Smoothness is linear: rigid (P, W, W) acts on each coordinate of each joint alike.
    bent = torch.einsum('pst,ptjc->psjc', rigid, x)
    cost = cost + 0.5 * (x * bent).sum((1, 2, 3))
    gradient = gradient + bent

    normal = x.new_zeros(people, frames, _JOINTS, 3, frames, _JOINTS, 3)
    per_frame = blocks.unflatten(2, (_JOINTS, _JOINTS)).permute(0, 2, 4, 3, 5, 1)
    normal.diagonal(0, 1, 4).add_(per_frame)
    normal.diagonal(0, 2, 5).diagonal(0, 2, 4).add_(rigid[..., None, None])
    size = frames * _JOINTS * 3
    return cost, gradient, normal.view(people, size, size)


def _smoothness(steps: Tensor, config: GeometricConfig) -> Tensor:
    """Return (P, W, W): the quadratic form of acceleration, for unequal steps (P, W)."""
    people, frames = steps.shape
    operator = steps.new_zeros(people, max(frames - 2, 0), frames)
    for i in range(frames - 2):
        before, after = steps[:, i + 1].clamp_min(1e-3), steps[:, i + 2].clamp_min(1e-3)
        mean = (before + after) / 2
        # The mean acceleration over the step; random acceleration leaves less of it the longer
        # the step is, and after a gap nothing is known.
        operator[:, i, i] = 1 / (before * mean)
        operator[:, i, i + 1] = -1 / (before * mean) - 1 / (after * mean)
        operator[:, i, i + 2] = 1 / (after * mean)
    return operator.mT @ operator / config.acceleration_sigma ** 2


def _step(gradient: Tensor, normal: Tensor, damping: Tensor) -> Tensor:
    diagonal = normal.diagonal(0, 1, 2)
    damped = normal + torch.diag_embed(diagonal * damping[:, None] + 1e-4)
    factor, _ = torch.linalg.cholesky_ex(damped)
    return -torch.cholesky_solve(gradient.flatten(1)[..., None], factor)


def _newest_covariance(normal: Tensor) -> Tensor:
    """Return the newest frame's blocks (P, 17, 3, 3) of the inverse of `normal`."""
    size = 3 * _JOINTS
    damped = normal + 1e-4 * torch.eye(normal.shape[-1]).to(normal)
    factor, _ = torch.linalg.cholesky_ex(damped)
    # Only the last rows of the inverse are wanted, and the factor's last block gives them.
    corner = torch.cholesky_inverse(factor[:, -size:, -size:])
    blocks = corner.unflatten(1, (_JOINTS, 3)).unflatten(3, (_JOINTS, 3))
    return blocks.diagonal(0, 1, 3).permute(0, 3, 1, 2)
