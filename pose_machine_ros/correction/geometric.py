# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Geometric self-supervised correction: nonlinear least squares over a person's newest frame.

The 51 unknowns of a person are the positions of all joints in the camera's frame. They minimize
half the sum of squares of four residuals, each in units of its standard deviation:

- keypoints: the reprojection error, weighted by the keypoint's score, with a robust loss,
- bones: the difference between a bone's length and the person's bone length,
- prior: the difference between the pose and the lifter's pose, by the standard deviations that the
  lifter predicts,
- past: the difference to the positions that the earlier frames predict (trajectory.py).

A depth camera adds a fifth: the depth of the joints that it sees (measured_depth.py).

The solver is Gauss-Newton with iteratively reweighted residuals, batched over people. Prior, past
and depth are linear. So their part of the normal equations is computed once, and an iteration
linearizes the keypoints and the bones only. The inverse of the normal matrix is the covariance of
the result. No operation depends on a value, so the correction can be captured as a CUDA graph.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import nn, Tensor

from pose_machine_ros.correction.config import GeometricConfig
from pose_machine_ros.correction.measured_depth import DepthNormal, DepthResiduals, SizeChange
from pose_machine_ros.correction.positive_definite import factorize
from pose_machine_ros.correction.trajectory import Prediction, SIZE
from pose_machine_ros.depth.points import JOINT_SHARES
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS

_JOINTS = len(HUMAN36M_17)
_BONES = len(HUMAN36M_17.bones)
_SEEN = len(SHARED_JOINTS)  # joints that are keypoints too
_MIN_DEPTH = 0.2  # metres
_MIN_LENGTH = 1e-6  # metres, of a bone
_MIN_NORMAL = 1e-4  # added to the diagonal of the normal matrix


class Observation(NamedTuple):
    """What is known about P people from the newest frame alone."""

    rotation: Tensor  # (P, 3, 3) camera frame -> person camera
    plane: Tensor  # (P, 17, 2) COCO-17 keypoints, x/z and y/z in the person camera
    weights: Tensor  # (P, 17) their scores, 0 where unseen
    size: Tensor  # (P,) apparent size, in the units of `plane`
    joints: Tensor  # (P, 17, 3) the lifter's pose, metres relative to the pelvis, person camera
    sigma: Tensor  # (P, 17, 3) standard deviations of `joints`; those of the pelvis are not used
    lengths: Tensor  # (P, 16) bone lengths, metres, in the order of HUMAN36M_17.bones


class CorrectedWithDepth(NamedTuple):
    """The result for P people of whom depth is measured."""

    positions: Tensor  # (P, 51) metres
    covariance: Tensor  # (P, 51, 51)
    size: SizeChange
    with_size: Tensor  # (P, 51) covariance of the positions with the size


class _Problem(NamedTuple):
    """The least-squares problem of P people, as far as it does not change with the unknowns."""

    projection: Tensor  # (P, 13, 3, 51) the seen joints in the person camera, from the unknowns
    normal: Tensor  # (P, 51, 51) of the linear residuals
    right: Tensor  # (P, 51, 1) their right-hand side
    plane: Tensor  # (P, 13, 2) keypoints
    sharpness: Tensor  # (P, 13, 1) 1 / standard deviation of each keypoint
    bones: Tensor  # (1, 16, 17, 1) their ends, +1 and -1, and lengths (P, 16), both divided by the
    lengths: Tensor  # standard deviation


class GeometricCorrection(nn.Module):
    """The correction with its constant matrices, which `to` moves to a device."""

    def __init__(self, config: GeometricConfig = GeometricConfig()) -> None:
        super().__init__()
        self.config = config
        bones = _differences(HUMAN36M_17.bones)
        relative = _differences((0, joint) for joint in range(1, _JOINTS))
        seen = torch.eye(_JOINTS)[list(SHARED_JOINTS)]
        for name, matrix in (
                ('_points', torch.cat((seen, relative))[:, None, :, None]),  # (29, 1, 17, 1)
                ('_bones', bones[None, :, :, None]),  # (1, 16, 17, 1)
                ('_keypoints', torch.tensor(SHARED_KEYPOINTS)),
                ('_measured', torch.from_numpy(JOINT_SHARES)[..., None])):  # (27, 17, 1)
            self.register_buffer(name, matrix, persistent=False)

    def forward(self, start: Tensor, seen: Observation,
                past: Prediction) -> tuple[Tensor, Tensor]:
        """Return corrected positions (P, 51), metres, and their covariance (P, 51, 51).

        `start` (P, 17, 3) is the initial guess. All are in the camera's frame.
        """
        return self._solve(start, self._problem(seen, past))

    def with_depth(self, start: Tensor, seen: Observation, past: Prediction,
                   depth: DepthResiduals) -> CorrectedWithDepth:
        """Return the same as `forward`, with measured depth, and what it says about the size."""
        # The third row of the rotation, at the joints that each point is a mean of.
        along = (self._measured * seen.rotation[:, None, 2:]).view(len(start), -1, SIZE)
        measured = DepthNormal.of(depth, along)
        problem = self._problem(seen, past)
        positions, covariance = self._solve(start, problem._replace(
            normal=problem.normal + measured.information, right=problem.right + measured.right))
        return CorrectedWithDepth(
            positions, covariance, *measured.size_change(positions, covariance))

    def _solve(self, start: Tensor, problem: _Problem) -> tuple[Tensor, Tensor]:
        x = start.reshape(-1, SIZE, 1)
        for _ in range(self.config.steps):
            residuals, jacobian = self._linearize(x, problem)
            normal = torch.baddbmm(problem.normal, jacobian.mT, jacobian)
            gradient = torch.baddbmm(
                torch.baddbmm(problem.right, problem.normal, x, beta=-1), jacobian.mT, residuals)
            normal.diagonal(0, 1, 2).mul_(1 + self.config.damping).add_(_MIN_NORMAL)
            factor = factorize(normal)
            x = x - factor.solve(gradient)
        return x[..., 0], factor.inverse()

    def cost(self, positions: Tensor, seen: Observation, past: Prediction) -> Tensor:
        """Return half the sum of squares (P,) that is minimized, but for a constant."""
        problem = self._problem(seen, past)
        x = positions.reshape(-1, SIZE, 1)
        plane, _ = self._project(x, problem)
        squared = ((plane - problem.plane) * problem.sharpness).square().sum(-1)
        scale = self.config.robust_scale ** 2
        bones = self._bone_lengths(x, problem)[1] - problem.lengths
        linear = (x * (problem.normal @ x / 2 - problem.right)).sum((1, 2))
        return linear + (scale * squared / (scale + squared)).sum(1) / 2 \
            + bones.square().sum(1) / 2

    def _problem(self, seen: Observation, past: Prediction) -> _Problem:
        config, people = self.config, len(seen.rotation)
        # Rows of the rotation, at the joints that each point is a difference of.
        points = (self._points * seen.rotation[:, None, :, None]).view(people, -1, SIZE)
        projection, relative = points.split((3 * _SEEN, SIZE - 3), 1)
        sigma = seen.sigma[:, 1:].flatten(1)[..., None] * config.prior_inflation
        relative, joints = relative / sigma, seen.joints[:, 1:].flatten(1)[..., None] / sigma
        scores = seen.weights.index_select(1, self._keypoints)
        return _Problem(
            projection.view(people, _SEEN, 3, SIZE),
            torch.baddbmm(past.information, relative.mT, relative),
            torch.baddbmm(past.information @ past.mean[..., None], relative.mT, joints),
            seen.plane.index_select(1, self._keypoints),
            (scores.sqrt() / (config.keypoint_sigma * seen.size[:, None]))[..., None],
            self._bones / config.bone_sigma, seen.lengths / config.bone_sigma)

    def _linearize(self, x: Tensor, problem: _Problem) -> tuple[Tensor, Tensor]:
        """Return residuals (P, 42, 1) and Jacobian (P, 42, 51) of keypoints and bones.

        The residual of a keypoint is sqrt(score) (project(R x) - keypoint) / (keypoint_sigma size).
        Its squared length s has the Geman-McClure loss k^2 s / (k^2 + s) with k = `robust_scale`;
        so residual and Jacobian are multiplied by k^2 / (k^2 + s).
        """
        plane, depth = self._project(x, problem)
        residual = (plane - problem.plane) * problem.sharpness
        scale = self.config.robust_scale ** 2
        trust = scale / (residual.square().sum(-1, keepdim=True) + scale)
        across, along = problem.projection.split((2, 1), 2)
        by_keypoint = torch.addcmul(across, plane[..., None], along, value=-1) \
            * (trust * problem.sharpness / depth)[..., None]
        bones, lengths = self._bone_lengths(x, problem)
        by_bone = problem.bones * (bones / lengths[..., None])[:, :, None]
        return (torch.cat(((residual * trust).flatten(1), lengths - problem.lengths), 1)[..., None],
                torch.cat((by_keypoint.flatten(1, 2), by_bone.flatten(2)), 1))

    def _project(self, x: Tensor, problem: _Problem) -> tuple[Tensor, Tensor]:
        """Return x/z and y/z (P, 13, 2) of the seen joints, and their depths (P, 13, 1), metres.

        In the person camera: there an angle is equally long in every part of the image, and every
        ray points forwards.
        """
        points = (problem.projection.flatten(1, 2) @ x).view(-1, _SEEN, 3)
        across, depth = points.split((2, 1), -1)
        depth = depth.clamp_min(_MIN_DEPTH)
        return across / depth, depth

    def _bone_lengths(self, x: Tensor, problem: _Problem) -> tuple[Tensor, Tensor]:
        """Return bones (P, 16, 3) and their lengths (P, 16), in standard deviations."""
        vectors = problem.bones[..., 0] @ x.view(-1, _JOINTS, 3)
        return vectors, torch.linalg.vector_norm(vectors, dim=-1).clamp_min(_MIN_LENGTH)


def _differences(pairs: Iterable[tuple[int, int]]) -> Tensor:
    """Return a matrix (N, 17) that subtracts the first joint of each of N pairs from the second."""
    pairs = torch.tensor(list(pairs))
    unit = torch.eye(_JOINTS)
    return unit[pairs[:, 1]] - unit[pairs[:, 0]]
