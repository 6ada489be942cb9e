# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Geometric self-supervised correction: nonlinear least squares over a person's newest frames.

The unknowns are the positions of all joints in the camera's frame. They minimize half the sum of
squares of four residuals, each in units of its standard deviation:

- keypoints: the reprojection error, weighted by the keypoint's score, with a robust loss,
- bones: the difference between a bone's length and the person's bone length,
- prior: the difference between the pose and the lifter's pose, by the covariance that the lifter
  predicts,
- smoothness: the acceleration of each joint over the true time steps.

The solver is Levenberg-Marquardt with iteratively reweighted residuals, batched over people.
Because the unknowns are positions, each residual depends on one joint, on two joints, or on one
joint in three frames, and the normal matrix consists of 3 x 3 blocks. The inverse of the normal
matrix is the covariance of the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from pose_machine_ros.correction.config import GeometricConfig
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS

_JOINTS = len(HUMAN36M_17)
_BONE_PARENT, _BONE_CHILD = (list(ends) for ends in zip(*HUMAN36M_17.bones))
# Edges: pairs of joints whose difference is a residual. First the bones, then every joint with the
# pelvis, for the prior.
_CHILD = torch.tensor(_BONE_CHILD + list(range(1, _JOINTS)))
_PARENT = torch.tensor(_BONE_PARENT + [0] * (_JOINTS - 1))
# The blocks of the normal matrix that an edge adds to: two on the diagonal, two off it.
_BLOCKS = torch.cat((_CHILD * _JOINTS + _CHILD, _PARENT * _JOINTS + _PARENT,
                     _CHILD * _JOINTS + _PARENT, _PARENT * _JOINTS + _CHILD))
_MIN_DEPTH = 0.2  # metres


@dataclass(frozen=True)
class Window:
    """Measurements of P people in their newest W frames, oldest first."""

    rotation: Tensor  # (P, W, 3, 3) camera frame -> person camera of each frame
    plane: Tensor  # (P, W, 17, 2) COCO-17 keypoints, x/z and y/z in the person camera
    weights: Tensor  # (P, W, 17) their scores, 0 where unseen
    size: Tensor  # (P, W) apparent size, in the units of `plane`
    joints: Tensor  # (P, W, 17, 3) intermediate pose, metres relative to the pelvis
    precision: Tensor  # (P, W, 17, 3, 3) inverse covariance of `joints`
    steps: Tensor  # (P, W) seconds since the frame before; the first is not used
    lengths: Tensor  # (P, 16) bone lengths, metres, in the order of HUMAN36M_17.bones


class _Term(NamedTuple):
    """One residual of P people in W frames, linearized for each of N joints or edges.

    The gradient of an edge is that of its child joint; that of its parent is the negative.
    """

    cost: Tensor  # (P,) half the sum of the squared residuals
    gradient: Tensor  # (P, W, N, 3) of the cost
    blocks: Tensor  # (P, W, N, 3, 3) Gauss-Newton approximation of the Hessian


def correct(window: Window, start: Tensor,
            config: GeometricConfig = GeometricConfig()) -> tuple[Tensor, Tensor]:
    """Return corrected positions (P, W, 17, 3) and the newest frame's covariance (P, 17, 3, 3).

    `start` (P, W, 17, 3) is the initial guess, metres, in the camera's frame. The cost of the
    result is never higher than that of the guess.
    """
    smoothness = _smoothness_form(window.steps, config)
    best = start
    cost, gradient, normal = _linearize(best, window, smoothness, config)
    damping = torch.full_like(cost, config.damping)
    for _ in range(config.steps):
        trial = best + _step(gradient, normal, damping).view_as(best)
        trial_cost, trial_gradient, trial_normal = _linearize(trial, window, smoothness, config)
        better = trial_cost < cost
        damping = torch.where(better, damping, 10 * damping)
        cost = torch.where(better, trial_cost, cost)
        best = torch.where(better[:, None, None, None], trial, best)
        gradient = torch.where(better[:, None, None, None], trial_gradient, gradient)
        normal = torch.where(better[:, None, None], trial_normal, normal)
    return best, _newest_covariance(normal)


def cost(positions: Tensor, window: Window,
         config: GeometricConfig = GeometricConfig()) -> Tensor:
    """Return half the weighted sum of squares (P,) that `correct` minimizes."""
    return _linearize(positions, window, _smoothness_form(window.steps, config), config)[0]


def _linearize(x: Tensor, window: Window, smoothness: Tensor,
               config: GeometricConfig) -> tuple[Tensor, Tensor, Tensor]:
    """Return cost (P,), gradient (P, W, 17, 3) and normal matrix (P, 51 W, 51 W) at `x`."""
    people, frames = x.shape[:2]
    keypoints = _keypoints(x, window, config)
    bones = _bones(x, window, config)
    prior = _prior(x, window, config)
    smooth_cost, smooth_gradient = _smooth(x, smoothness)
    cost = keypoints.cost + bones.cost + prior.cost + smooth_cost

    gradient = torch.zeros_like(x)
    gradient[:, :, SHARED_JOINTS] += keypoints.gradient
    edges = torch.cat((bones.gradient, prior.gradient), 2)
    gradient.index_add_(2, _CHILD.to(x.device), edges)
    gradient.index_add_(2, _PARENT.to(x.device), -edges)
    gradient = gradient + smooth_gradient

    blocks = x.new_zeros(people, frames, _JOINTS * _JOINTS, 3, 3)
    blocks[:, :, [j * _JOINTS + j for j in SHARED_JOINTS]] += keypoints.blocks
    edges = torch.cat((bones.blocks, prior.blocks), 2)
    blocks.index_add_(2, _BLOCKS.to(x.device), torch.cat((edges, edges, -edges, -edges), 2))
    return cost, gradient, _normal_matrix(blocks, smoothness)


def _keypoints(x: Tensor, window: Window, config: GeometricConfig) -> _Term:
    """Linearize the reprojection error of the joints that are keypoints too.

    r = sqrt(score) (project(R x) - keypoint) / (keypoint_sigma size), 2 values a keypoint, in the
    person camera: there an angle is equally long in every part of the image, and every ray points
    forwards. Its squared length s has the Geman-McClure loss k^2 s / (k^2 + s) with k = `robust`,
    and so its Jacobian the weight (k^2 / (k^2 + s))^2.
    """
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
    return _Term(cost, (weighted * residual[..., None]).sum(-2), jacobian.mT @ weighted)


def _bones(x: Tensor, window: Window, config: GeometricConfig) -> _Term:
    """Linearize the lengths of the bones.

    r = (|x_child - x_parent| - length) / bone_sigma. The derivative by the child joint is the unit
    vector along the bone over `bone_sigma`.
    """
    bone = x[:, :, _BONE_CHILD] - x[:, :, _BONE_PARENT]
    length = bone.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    along = bone / length
    residual = (length[..., 0] - window.lengths[:, None]) / config.bone_sigma
    return _Term(0.5 * residual.square().sum((1, 2)),
                 along * (residual / config.bone_sigma)[..., None],
                 along[..., None] * along[..., None, :] / config.bone_sigma ** 2)


def _prior(x: Tensor, window: Window, config: GeometricConfig) -> _Term:
    """Linearize the difference to the intermediate pose, of every joint but the pelvis.

    d = x_joint - x_pelvis - joint, with the cost d' P d / 2 and P = precision / prior_inflation^2.
    """
    precision = window.precision[:, :, 1:] / config.prior_inflation ** 2
    difference = x[:, :, 1:] - x[:, :, :1] - window.joints[:, :, 1:]
    gradient = (precision @ difference[..., None])[..., 0]
    return _Term(0.5 * (difference * gradient).sum((1, 2, 3)), gradient, precision)


def _smooth(x: Tensor, smoothness: Tensor) -> tuple[Tensor, Tensor]:
    """Return cost (P,) and gradient (P, W, 17, 3) of the acceleration.

    The cost of each coordinate of each joint over the W frames is x' S x / 2, with S the
    `smoothness` (P, W, W) from `_smoothness_form`. It is quadratic, so S is its part of the normal
    matrix too.
    """
    gradient = torch.einsum('pst,ptjc->psjc', smoothness, x)
    return 0.5 * (x * gradient).sum((1, 2, 3)), gradient


def _smoothness_form(steps: Tensor, config: GeometricConfig) -> Tensor:
    """Return the quadratic form (P, W, W) of acceleration, for unequal steps (P, W) in seconds.

    It is A' A / acceleration_sigma^2; each row of A is a second difference over three frames.
    """
    people, frames = steps.shape
    operator = steps.new_zeros(people, max(frames - 2, 0), frames)
    for i in range(frames - 2):
        before, after = steps[:, i + 1].clamp_min(1e-3), steps[:, i + 2].clamp_min(1e-3)
        mean = (before + after) / 2
        # The mean acceleration over the step. It constrains the pose less the longer the step is,
        # and hardly at all after a gap.
        operator[:, i, i] = 1 / (before * mean)
        operator[:, i, i + 1] = -1 / (before * mean) - 1 / (after * mean)
        operator[:, i, i + 2] = 1 / (after * mean)
    return operator.mT @ operator / config.acceleration_sigma ** 2


def _normal_matrix(blocks: Tensor, smoothness: Tensor) -> Tensor:
    """Return (P, 51 W, 51 W) from blocks (P, W, 17 * 17, 3, 3) and smoothness (P, W, W)."""
    people, frames = blocks.shape[:2]
    normal = blocks.new_zeros(people, frames, _JOINTS, 3, frames, _JOINTS, 3)
    per_frame = blocks.unflatten(2, (_JOINTS, _JOINTS)).permute(0, 2, 4, 3, 5, 1)
    normal.diagonal(0, 1, 4).add_(per_frame)
    normal.diagonal(0, 2, 5).diagonal(0, 2, 4).add_(smoothness[..., None, None])
    size = frames * _JOINTS * 3
    return normal.view(people, size, size)


def _step(gradient: Tensor, normal: Tensor, damping: Tensor) -> Tensor:
    """Return the Levenberg-Marquardt step (P, 51 W, 1)."""
    diagonal = normal.diagonal(0, 1, 2)
    damped = normal + torch.diag_embed(diagonal * damping[:, None] + 1e-4)
    factor, _ = torch.linalg.cholesky_ex(damped)
    return -torch.cholesky_solve(gradient.flatten(1)[..., None], factor)


def _newest_covariance(normal: Tensor) -> Tensor:
    """Return the newest frame's blocks (P, 17, 3, 3) of the inverse of `normal`."""
    size = 3 * _JOINTS
    damped = normal + 1e-4 * torch.eye(normal.shape[-1]).to(normal)
    factor, _ = torch.linalg.cholesky_ex(damped)
    # The last rows of the inverse depend on the last block of the factor alone.
    corner = torch.cholesky_inverse(factor[:, -size:, -size:])
    blocks = corner.unflatten(1, (_JOINTS, 3)).unflatten(3, (_JOINTS, 3))
    return blocks.diagonal(0, 1, 3).permute(0, 3, 1, 2)
