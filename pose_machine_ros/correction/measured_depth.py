# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Measured depth as residuals of a nominal pose: it determines the joints' depth and the size.

All poses are computed for a nominal adult (see scale.py), so a measured distance is divided by the
person's size. That is not known exactly, and every distance depends on it. So the logarithm of the
size is one more unknown, with its own prior, which is eliminated from the normal equations (Schur
complement). What remains compares the depths of a person's joints with each other and, as far as
the size is known, with the pose.

A residual is z - m (1 - s) - d, divided by its standard deviation: the depth z of the joint in the
person camera, that of the skin m at the size known before, the change of the size s, and the
distance d from the skin to the joint.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import nn, Tensor

from pose_machine_ros.depth import body_shape, points

_POINTS = len(points.NAMES)
COLUMNS = 2 * _POINTS + 1
_ROOT_SIGMA = 0.04  # relative standard deviation of the distance at which a pose is placed
_ROUNDS = 2
_THICKEST = 0.13  # metres, from the skin to a point that no other part hides
_HIDDEN_SHARE = 0.5  # of what is between: its standard deviation
_MOST_HIDDEN = 0.6  # metres
_ROBUST_SCALE = 2.5  # standard deviations beyond which a residual loses influence


class MeasuredDepth(NamedTuple):
    """Distances to the skin of P people along the rays through the points of depth/points.py."""

    distance: Tensor  # (P, 27) metres, divided by the person's size
    sharpness: Tensor  # (P, 27) 1 / standard deviation, times the size; 0 where unknown
    size_sigma: Tensor  # (P, 1) relative standard deviation of the size

    @classmethod
    def of(cls, rows: Tensor) -> MeasuredDepth:
        """Return the columns of rows (P, COLUMNS) as `measured_rows` makes them."""
        return cls(*rows.split((_POINTS, _POINTS, 1), 1))


def measured_rows(distance: np.ndarray, sigma: np.ndarray, ratio: np.ndarray,
                  size_sigma: np.ndarray) -> np.ndarray:
    """Return rows (P, COLUMNS) of MeasuredDepth from distances and sigma (P, 27) in metres.

    The distances are NaN where unknown; `ratio` and `size_sigma` (P,) are those of PersonScale.
    """
    is_known = np.isfinite(distance)
    ratio = ratio[:, None]
    return np.concatenate((np.where(is_known, distance / ratio, 0),
                           np.where(is_known, ratio / sigma, 0), size_sigma[:, None]), 1)


class DepthResiduals(NamedTuple):
    """Residuals J x + by_size s - target of P people, in units of their standard deviations."""

    target: Tensor  # (P, 27, 1) and `by_size` (P, 27, 1)
    by_size: Tensor
    sharpness: Tensor  # (P, 27, 1) 1 / standard deviation of a point's depth in the person camera
    certainty: Tensor  # (P, 1, 1) of s: what stands in its place in the normal equations
    is_known: Tensor  # (P, 1, 1) 1 if any depth is known, else 0
    size: SizeChange  # for the pose as it is


class SizeChange(NamedTuple):
    """What the depth says about the size of P people."""

    shift: Tensor  # (P, 1) the size known before is to be divided by 1 - shift
    variance: Tensor  # (P, 1) of the shift


class DepthModel(nn.Module):
    """Makes the residuals; holds the distances from skin to joint."""

    def __init__(self) -> None:
        super().__init__()
        for name, constant in (('_joints', points.JOINT_SHARES),
                               ('_keypoints', points.KEYPOINT_SHARES),
                               ('_centers', body_shape.CENTERS),
                               ('_squared_radii', np.square(body_shape.RADII))):
            self.register_buffer(name, torch.from_numpy(constant.copy()), persistent=False)

    def forward(self, placed: Tensor, sigma: Tensor, plane: Tensor,
                measured: MeasuredDepth) -> DepthResiduals:
        """Return the residuals of poses (P, 17, 3) in the person camera, metres.

        `sigma` (P, 17, 3) are the standard deviations of the poses, and `plane` (P, 17, 2) their
        keypoints. A depth that contradicts the pose and most other depths has less influence.
        """
        steepness = (self._keypoints @ plane).square().sum(-1).add(1).rsqrt()
        skin = measured.distance * steepness
        point = self._joints @ placed
        thickness = self._thickness(point, self._centers @ placed)
        target = torch.addcmul(skin, thickness, steepness)
        # If another part of the body is in front of the point, the depth says less about it.
        variance = measured.sharpness.clamp_min(1e-6).pow(-2) \
            + (_HIDDEN_SHARE * (thickness - _THICKEST).clamp_min(0)).square()
        sharpness = (measured.sharpness > 0) * variance.rsqrt() / steepness
        away = point[..., 2] - target
        z_sigma = sigma[..., 2] @ self._joints.mT
        # In the variance of a residual is that of the pose too.
        weight = 1 / (sharpness.clamp_min(1e-6).pow(-2) + z_sigma.square())
        weight = weight * (sharpness > 0)
        prior = 1 / (measured.size_sigma.square() + _ROOT_SIGMA ** 2)
        trusted, scale = weight, _ROBUST_SCALE ** 2
        for _ in range(_ROUNDS):
            by_size = trusted * skin
            certainty = (by_size * skin).sum(1, keepdim=True) + prior
            shift = -(by_size * away).sum(1, keepdim=True) / certainty
            residual = torch.addcmul(away, skin, shift)
            trust = scale / (residual.square() * weight + scale)
            trusted = weight * trust.square()
        sharpness = (sharpness * trust)[..., None]
        by_size = skin[..., None] * sharpness
        return DepthResiduals(
            target[..., None] * sharpness, by_size, sharpness,
            (by_size.mT @ by_size) + measured.size_sigma.pow(-2)[..., None],
            (measured.sharpness > 0).any(1).to(away)[:, None, None],
            SizeChange(shift, 1 / certainty))

    def _thickness(self, point: Tensor, centers: Tensor) -> Tensor:
        """Return how far points (P, 27, 3) are behind the skin, along their rays, metres.

        The skin is that of spheres around `centers` (P, S, 3), also those of other parts.
        """
        distance = torch.linalg.vector_norm(point, dim=-1, keepdim=True)
        along = (point / distance) @ centers.mT  # (P, 27, S)
        squared = self._squared_radii - centers.square().sum(-1)[:, None] + along.square()
        front = torch.where(squared > 0, along - squared.clamp_min(0).sqrt(), torch.inf)
        return (distance[..., 0] - front.amin(-1)).clamp(0, _MOST_HIDDEN)


class DepthNormal(NamedTuple):
    """The residuals in normal equations of P people with 51 unknowns, the size eliminated."""

    information: Tensor  # (P, 51, 51)
    right: Tensor  # (P, 51, 1)
    residuals: DepthResiduals
    jacobian: Tensor  # (P, 27, 51)
    coupling: Tensor  # (P, 51, 1) of the unknowns with the size

    @classmethod
    def of(cls, residuals: DepthResiduals, along: Tensor) -> DepthNormal:
        """Return the equations; `along` (P, 27, 51) gives the depths of the points."""
        jacobian = along * residuals.sharpness
        coupling = jacobian.mT @ residuals.by_size
        # Without the size, the weights of the residuals are the unit matrix minus this.
        projected = torch.baddbmm(
            jacobian, residuals.by_size / residuals.certainty, coupling.mT, alpha=-1)
        return cls(jacobian.mT @ projected, projected.mT @ residuals.target, residuals, jacobian,
                   coupling)

    def size_change(self, positions: Tensor, covariance: Tensor) -> tuple[SizeChange, Tensor]:
        """Return the size that fits corrected positions (P, 51), and its covariance with them.

        `covariance` (P, 51, 51) is that of the positions; that with the size is (P, 51).
        """
        certainty = self.residuals.certainty
        away = torch.baddbmm(self.residuals.target, self.jacobian, positions[..., None], beta=-1)
        shift = -(self.residuals.by_size.mT @ away) / certainty
        across = -(covariance @ self.coupling) / certainty
        variance = (1 - self.coupling.mT @ across) / certainty
        return SizeChange(shift[..., 0], variance[..., 0]), across[..., 0]


def scaled_covariance(covariance: Tensor, positions: Tensor, across: Tensor | None,
                      variance: Tensor, is_known: Tensor) -> Tensor:
    """Return the covariance (P, 17, 3, 3) of positions times an uncertain size, for size 1.

    `positions` (P, 17, 3) have that `covariance`, and `across` (P, 51) with the size, None for
    none. `variance` (P, 1) is that of the size. Where `is_known` (P, 1, 1) is 0 nothing changes.
    """
    half = positions * (variance / 2)[..., None]
    half = (half if across is None else half + across.view_as(half)) * is_known
    outer = positions[..., None] * half[..., None, :]
    return covariance + outer + outer.mT
