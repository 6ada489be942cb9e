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
COLUMNS = 3 * _POINTS + 1
_ROOT_SIGMA = 0.04  # relative standard deviation of the distance at which a pose is placed
_ROUNDS = 2
_THICKEST = 0.13  # metres, from the skin to a point that no other part hides
_HIDDEN_SHARE = 0.5  # of what is between: its standard deviation
_MOST_HIDDEN = 0.6  # metres
_ROBUST_SCALE = 2.5  # standard deviations beyond which a residual loses influence


class MeasuredDepth(NamedTuple):
    """Distances to the skin of P people along the rays through the points of depth/points.py."""

    distance: Tensor  # (P, 27) metres, divided by the person's size
    variance: Tensor  # (P, 27) of the distance of the point behind the skin
    is_known: Tensor  # (P, 27) 1 where measured, else 0
    size_sigma: Tensor  # (P, 1) relative standard deviation of the size

    @classmethod
    def of(cls, rows: Tensor) -> MeasuredDepth:
        """Return the columns of rows (P, COLUMNS) as `measured_rows` makes them."""
        return cls(*rows.split((_POINTS, _POINTS, _POINTS, 1), 1))


def measured_rows(distance: np.ndarray, sigma: np.ndarray, ratio: np.ndarray,
                  size_sigma: np.ndarray) -> np.ndarray:
    """Return rows (P, COLUMNS) of MeasuredDepth from distances and sigma (P, 27) in metres.

    The distances are NaN where unknown; `ratio` and `size_sigma` (P,) are those of PersonScale.
    """
    is_known = np.isfinite(distance)
    ratio = ratio[:, None]
    return np.concatenate((
        np.where(is_known, distance / ratio, 1), np.where(is_known, np.square(sigma / ratio), 1),
        is_known, size_sigma[:, None]), 1, dtype=np.float32)


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
                               ('_centers', body_shape.CENTERS), ('_one', np.float32((1, 0))),
                               ('_squared_radii', np.square(body_shape.RADII))):
            self.register_buffer(name, torch.from_numpy(constant.copy()), persistent=False)

    def forward(self, placed: Tensor, sigma: Tensor, plane: Tensor,
                measured: MeasuredDepth) -> DepthResiduals:
        """Return the residuals of poses (P, 17, 3) in the person camera, metres.

        `sigma` (P, 17, 3) are the standard deviations of the poses, and `plane` (P, 17, 2) their
        keypoints. A depth that contradicts the pose and most other depths has less influence.
        """
        across = self._keypoints @ plane
        steepness = torch.addcmul(self._one, across, across).sum(-1).rsqrt()  # z of a unit ray
        skin = measured.distance * steepness
        point = self._joints @ placed
        thickness = self._thickness(point, self._centers @ placed)
        away = point[..., 2] - torch.addcmul(skin, thickness, steepness)
        # If another part of the body is in front of the point, the depth says less about it.
        hidden = (thickness - _THICKEST).clamp_min(0) * _HIDDEN_SHARE
        variance = torch.addcmul(measured.variance, hidden, hidden) * steepness.square()
        # In the variance of a residual is that of the pose too.
        pose_sigma = sigma[..., 2] @ self._joints.mT
        weight = measured.is_known / torch.addcmul(variance, pose_sigma, pose_sigma)
        sums = torch.stack((skin * skin, skin * away), -1)
        prior = 1 / (measured.size_sigma.square() + _ROOT_SIGMA ** 2)
        trust = 1.0
        for _ in range(_ROUNDS):
            certainty, slope = ((weight * trust)[:, None] @ sums)[:, 0].split(1, 1)
            certainty = certainty + prior
            shift = -slope / certainty
            residual = torch.addcmul(away, skin, shift)
            trust = (1 + residual.square() * weight / _ROBUST_SCALE ** 2).pow(-2)
        sharpness = (measured.is_known * (trust / variance).sqrt())[..., None]
        by_size = skin[..., None] * sharpness
        return DepthResiduals(
            (point[..., 2] - away)[..., None] * sharpness, by_size, sharpness,
            by_size.mT @ by_size + measured.size_sigma.pow(-2)[..., None],
            measured.is_known.amax(1)[:, None, None], SizeChange(shift, 1 / certainty))

    def _thickness(self, point: Tensor, centers: Tensor) -> Tensor:
        """Return how far points (P, 27, 3) are behind the skin, along their rays, metres.

        The skin is that of spheres around `centers` (P, S, 3), also those of other parts.
        """
        distance = torch.linalg.vector_norm(point, dim=-1, keepdim=True)
        along = (point / distance) @ centers.mT  # (P, 27, S)
        beside = self._squared_radii - centers.square().sum(-1)
        half_chord = torch.addcmul(beside[:, None], along, along).sqrt()  # NaN for a miss
        front = (along - half_chord).nan_to_num(torch.inf).amin(-1)
        return (distance[..., 0] - front).clamp(0, _MOST_HIDDEN)


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
