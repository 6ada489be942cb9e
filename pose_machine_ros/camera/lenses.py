# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Lens models: from points to the normalized image plane, and from there to rays.

Points and rays are in the camera optical frame (x right, y down, z forward). Coordinates in the
normalized image plane are pixels minus the principal point, divided by the focal length. The models
and their coefficients are those of OpenCV, which are also those of sensor_msgs/CameraInfo:

- `BrownConrady`: k1 k2 p1 p2 [k3 [k4 k5 k6 [s1 s2 s3 s4 [tau_x tau_y]]]]; plumb_bob and
  rational_polynomial, with OpenCV's thin prism and tilted sensor.
- `KannalaBrandt`: k1 k2 k3 k4; equidistant, which OpenCV calls fisheye. Kannala and Brandt,
  "A Generic Camera Model and Calibration Method", PAMI 2006.

Both directions give NaN for points that the lens cannot see, and for places beyond the radius at
which the distortion folds back.
"""

from __future__ import annotations

from collections.abc import Callable
import math
from typing import Protocol

import numpy as np
from numpy.polynomial import Polynomial
import torch
from torch import Tensor

_KNOTS = 1025  # of the table of starting values for Newton's method
_NEWTON_STEPS = 12  # at most
_TOLERANCE = 1e-8  # of the focal length
_START = 0.97  # of the largest angle; Newton's method starts below it
_MAX_PINHOLE_ANGLE = math.radians(89.5)  # from the axis
_MIN_DEPTH = 1e-6  # metres


class Lens(Protocol):
    """A lens model; `coefficients` as OpenCV orders them."""

    coefficients: np.ndarray  # (N,) float64
    max_angle: float  # radians from the axis; the lens sees nothing beyond

    def distort(self, points: Tensor) -> Tensor:
        """Return the places (*, 2) of points (*, 3) in the normalized image plane."""

    def undistort(self, plane: Tensor) -> Tensor:
        """Return the rays (*, 3), of any length, through places (*, 2)."""


class BrownConrady:
    """Radial, tangential, thin prism and tilt distortion; without coefficients, a pinhole."""

    def __init__(self, coefficients: np.ndarray) -> None:
        self.coefficients = np.pad(coefficients, (0, 14 - len(coefficients)))
        k1, k2, self._p1, self._p2, k3, k4, k5, k6, *prism, tilt_x, tilt_y = \
            self.coefficients.tolist()
        self._numerator, self._denominator = (k1, k2, k3), (k4, k5, k6)
        self._prism = prism
        self._tilt = _tilt(tilt_x, tilt_y) if tilt_x or tilt_y else None
        self._is_pinhole = not self.coefficients.any()
        fold, pole = _fold_and_pole(
            Polynomial((1, *self._numerator)), Polynomial((1, *self._denominator)))
        self._max_radius = min(fold, pole)
        self.max_angle = min(math.atan(self._max_radius), _MAX_PINHOLE_ANGLE)
        # Newton's method cannot start from a fold, where the slope is zero.
        self._last_start = self.max_angle * (_START if fold < pole else 1.0)
        if not self._is_pinhole:
            angles = np.linspace(0, self.max_angle, _KNOTS)
            self._table = _table(angles, lambda a: np.tan(a) * self._radial(np.tan(a) ** 2))

    def distort(self, points: Tensor) -> Tensor:
        """Return the places (*, 2) of points (*, 3) in the normalized image plane."""
        plane = points[..., :2] / torch.where(
            points[..., 2:] > _MIN_DEPTH, points[..., 2:], torch.nan)
        if self._is_pinhole:
            return plane
        if math.isfinite(self._max_radius):
            squared = plane.square().sum(-1, keepdim=True)
            plane = torch.where(squared < self._max_radius ** 2, plane, torch.nan)
        distorted = self._distort_plane(plane)
        return distorted if self._tilt is None else _homography(self._tilt, distorted)

    def undistort(self, plane: Tensor) -> Tensor:
        """Return the rays (*, 3), z = 1, through places (*, 2)."""
        if self._is_pinhole:
            return torch.cat((plane, torch.ones_like(plane[..., :1])), -1)
        distorted = plane.double()
        if self._tilt is not None:
            distorted = _homography(np.linalg.inv(self._tilt), distorted)
        radius = distorted.norm(dim=-1, keepdim=True)
        angle = _interpolate(radius, self._table).clamp_max(self._last_start)
        undistorted = distorted * angle.tan() / radius.clamp_min(1e-12)
        area = torch.ones_like(radius)  # distorted area per undistorted: the Jacobian determinant
        for _ in range(_NEWTON_STEPS):
            error = self._distort_plane(undistorted) - distorted
            if not (error.abs() > _TOLERANCE).any():  # after two or three steps, except near a fold
                break
            a, b, c, d = self._jacobian(undistorted)
            x, y = error.split(1, -1)
            area = a * d - b * c
            undistorted = undistorted - torch.cat((d * x - b * y, a * y - c * x), -1) / area
        error = (self._distort_plane(undistorted) - distorted).abs().amax(-1, keepdim=True)
        inside = undistorted.square().sum(-1, keepdim=True) < self._max_radius ** 2
        is_valid = inside & (area > 0) & (error < 10 * _TOLERANCE)
        undistorted = torch.where(is_valid, undistorted, torch.nan)
        return torch.cat((undistorted, torch.ones_like(undistorted[..., :1])), -1).to(plane)

    def _radial(self, squared):
        """Return the radial factor at squared radii, for an array or a tensor."""
        numerator, denominator = self._radial_fraction(squared)
        return numerator / denominator

    def _radial_fraction(self, squared):
        """Yield numerator and denominator of the radial factor."""
        for a, b, c in (self._numerator, self._denominator):
            yield 1 + squared * (a + squared * (b + squared * c))

    def _distort_plane(self, plane: Tensor) -> Tensor:
        """Return places (*, 2) with distortion, except for the tilt."""
        p1, p2, (s1, s2, s3, s4) = self._p1, self._p2, self._prism
        x, y = plane[..., :1], plane[..., 1:]
        squared = x * x + y * y
        shift_x = 2 * p1 * x * y + p2 * (squared + 2 * x * x)
        shift_y = p1 * (squared + 2 * y * y) + 2 * p2 * x * y
        if any(self._prism):
            shift_x = shift_x + squared * (s1 + squared * s2)
            shift_y = shift_y + squared * (s3 + squared * s4)
        return plane * self._radial(squared) + torch.cat((shift_x, shift_y), -1)

    def _jacobian(self, plane: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the derivatives dx/dx, dx/dy, dy/dx, dy/dy (*, 1) of `_distort_plane`."""
        p1, p2, (s1, s2, s3, s4) = self._p1, self._p2, self._prism
        x, y = plane[..., :1], plane[..., 1:]
        squared = x * x + y * y
        numerator, denominator = self._radial_fraction(squared)
        numerator_slope, denominator_slope = (
            a + squared * (2 * b + squared * 3 * c)
            for a, b, c in (self._numerator, self._denominator))
        radial = numerator / denominator
        slope = 2 * (numerator_slope - radial * denominator_slope) / denominator
        mixed = x * y * slope + 2 * (p1 * x + p2 * y)
        slopes = (radial + x * x * slope + 2 * p1 * y + 6 * p2 * x, mixed,
                  mixed, radial + y * y * slope + 6 * p1 * y + 2 * p2 * x)
        if not any(self._prism):
            return slopes
        across, down = 2 * (s1 + 2 * s2 * squared), 2 * (s3 + 2 * s4 * squared)
        return tuple(s + more for s, more in zip(slopes, (across * x, across * y, down * x,
                                                          down * y)))


class KannalaBrandt:
    """A fisheye: the radius in the image is a polynomial of the angle, also beyond 90 degrees."""

    def __init__(self, coefficients: np.ndarray) -> None:
        self.coefficients = np.asarray(coefficients, np.float64)
        k1, k2, k3, k4 = self.coefficients.tolist()
        self._radius_polynomial = Polynomial((0, 1, 0, k1, 0, k2, 0, k3, 0, k4))
        self.max_angle = min(_first_root(self._radius_polynomial.deriv()), math.pi)
        self._table = _table(np.linspace(0, self.max_angle, _KNOTS), self._radius_polynomial)

    def distort(self, points: Tensor) -> Tensor:
        """Return the places (*, 2) of points (*, 3) in the normalized image plane."""
        across = points[..., :2].square().sum(-1, keepdim=True).clamp_min(1e-24).sqrt()
        angle = torch.atan2(across, points[..., 2:])
        angle = torch.where(angle < self.max_angle, angle, torch.nan)
        return points[..., :2] * (_horner(self._radius_polynomial, angle) / across)

    def undistort(self, plane: Tensor) -> Tensor:
        """Return the unit rays (*, 3) through places (*, 2)."""
        distorted = plane.double()
        radius = distorted.norm(dim=-1, keepdim=True)
        angle = _interpolate(radius, self._table).clamp_max(_START * self.max_angle)
        slope = self._radius_polynomial.deriv()
        for _ in range(_NEWTON_STEPS):
            error = _horner(self._radius_polynomial, angle) - radius
            if not (error.abs() > _TOLERANCE).any():
                break
            angle = angle - error / _horner(slope, angle)
        error = (_horner(self._radius_polynomial, angle) - radius).abs()
        inside = (angle >= 0) & (angle < self.max_angle) & (error < 10 * _TOLERANCE)
        angle = torch.where(inside, angle, torch.nan)
        across = distorted * angle.sin() / radius.clamp_min(1e-12)
        return torch.cat((across, angle.cos()), -1).to(plane)


def _fold_and_pole(numerator: Polynomial, denominator: Polynomial) -> tuple[float, float]:
    """Return the radii r of the fold and the pole of r * numerator(r^2) / denominator(r^2).

    At the fold it stops growing.
    """
    squared = Polynomial((0, 1))
    growth = numerator * denominator + 2 * squared * (
        numerator.deriv() * denominator - numerator * denominator.deriv())
    return math.sqrt(_first_root(growth)), math.sqrt(_first_root(denominator))


def _first_root(polynomial: Polynomial) -> float:
    """Return the smallest positive root; infinite if there is none, 0 if it cannot be found."""
    try:
        with np.errstate(all='ignore'):
            roots = polynomial.trim().roots()
    except (np.linalg.LinAlgError, ValueError):  # for coefficients whose products overflow
        return 0.0
    real = roots.real[(np.abs(roots.imag) < 1e-9 * (1 + np.abs(roots.real))) & (roots.real > 0)]
    return float(real.min(initial=math.inf))


def _table(angles: np.ndarray, radius: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return (2, N): increasing radii, and their angles."""
    with np.errstate(all='ignore'):
        radii = np.maximum.accumulate(np.nan_to_num(radius(angles), posinf=np.inf))
    return np.stack((radii + 1e-12 * np.arange(len(radii)), angles))


def _interpolate(radius: Tensor, table: np.ndarray) -> Tensor:
    """Return the angles of radii (*, 1), interpolated in a table; its last angle beyond the end."""
    radii, angles = torch.from_numpy(table).to(radius.device)
    above = torch.searchsorted(radii, radius.contiguous()).clamp(1, len(radii) - 1)
    share = (radius - radii[above - 1]) / (radii[above] - radii[above - 1])
    return torch.lerp(angles[above - 1], angles[above], share.clamp(0, 1))


def _horner(polynomial: Polynomial, x: Tensor) -> Tensor:
    value = torch.zeros_like(x)
    for coefficient in reversed(polynomial.coef.tolist()):
        value = value * x + coefficient
    return value


def _tilt(tilt_x: float, tilt_y: float) -> np.ndarray:
    """Return the homography (3, 3) of a sensor that is tilted about x, then about y, radians."""
    cos_x, sin_x, cos_y, sin_y = (f(a) for a in (tilt_x, tilt_y) for f in (math.cos, math.sin))
    turn = np.array([[cos_y, 0, -sin_y], [0, 1, 0], [sin_y, 0, cos_y]]) @ np.array(
        [[1, 0, 0], [0, cos_x, sin_x], [0, -sin_x, cos_x]])
    along = np.array([[turn[2, 2], 0, -turn[0, 2]], [0, turn[2, 2], -turn[1, 2]], [0, 0, 1]])
    return along @ turn


def _homography(matrix: np.ndarray, plane: Tensor) -> Tensor:
    rows = plane.new_tensor(matrix)
    moved = plane @ rows[:, :2].mT + rows[:, 2]
    return moved[..., :2] / moved[..., 2:]
