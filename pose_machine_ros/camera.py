# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pinhole camera with lens distortion: project points, turn pixels into rays.

Frames: camera optical frame, x right, y down, z forward, metres. Pixels: (u, v), u to the right,
v down, the centre of the top left pixel at (0, 0), as in ROS and OpenCV. Distortion is OpenCV's:
plumb_bob (k1 k2 p1 p2 [k3]) and rational_polynomial (k1 k2 p1 p2 k3 k4 k5 k6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
import yaml

from pose_machine_ros.errors import InputError

_UNDISTORT_STEPS = 8  # fixed-point steps; 1e-6 of the focal length for lenses up to 110 degrees


@dataclass(frozen=True)
class Camera:
    """Intrinsics of one camera, checked on construction."""

    matrix: np.ndarray  # (3, 3), px
    width: int  # px
    height: int  # px
    distortion: np.ndarray = field(default_factory=lambda: np.zeros(8))  # 0, 4, 5 or 8 numbers
    calibrated: bool = True  # False where the focal length is a guess

    def __post_init__(self) -> None:
        matrix = np.asarray(self.matrix, np.float64)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or matrix[0, 0] <= 0 \
                or matrix[1, 1] <= 0:
            raise InputError(
                f'camera matrix K = {matrix.ravel().tolist()} is not usable: it needs 9 finite '
                'numbers with positive focal lengths; calibrate the camera or give a field of view')
        distortion = np.asarray(self.distortion, np.float64).ravel()
        if distortion.size not in (0, 4, 5, 8) or not np.isfinite(distortion).all():
            raise InputError(
                f'distortion = {distortion.tolist()} is not usable: plumb_bob has 4 or 5 finite '
                'numbers, rational_polynomial 8')
        if self.width <= 0 or self.height <= 0:
            raise InputError(f'image size {self.width}x{self.height} is not usable')
        object.__setattr__(self, 'matrix', matrix)
        object.__setattr__(self, 'distortion', np.pad(distortion, (0, 8 - distortion.size)))

    @classmethod
    def from_fov(cls, width: int, height: int, fov_degrees: float = 55.0) -> Camera:
        """Guess a camera from the field of view over the image's longer side."""
        if not 1 < fov_degrees < 179:
            raise InputError(f'field of view {fov_degrees} degrees is not between 1 and 179')
        focal = max(width, height) / 2 / math.tan(math.radians(fov_degrees) / 2)
        matrix = [[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]]
        return cls(np.array(matrix), width, height, calibrated=False)

    @classmethod
    def from_yaml(cls, path: str | Path) -> Camera:
        """Read a file in the format of ROS's camera calibration.

        Raises InputError where the file is missing or lacks image size, matrix or distortion.
        """
        try:
            content = yaml.safe_load(Path(path).read_text())
            matrix = np.array(content['camera_matrix']['data'], np.float64).reshape(3, 3)
            coefficients = content['distortion_coefficients']['data']
            size = int(content['image_width']), int(content['image_height'])
        except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                f'{path} is no ROS camera calibration ({type(error).__name__}: {error}); it needs '
                'image_width, image_height, camera_matrix and distortion_coefficients') from error
        return cls(matrix, *size, np.array(coefficients))

    def project(self, points: Tensor) -> Tensor:
        """Project (*, 3) points in metres to (*, 2) pixels; NaN for points behind the camera."""
        in_front = points[..., 2:] > 1e-6
        plane = points[..., :2] / torch.where(in_front, points[..., 2:], torch.nan)
        return self._distort(plane) * self._focal(points) + self._centre(points)

    def normalize(self, pixels: Tensor) -> Tensor:
        """Return the undistorted (*, 2) coordinates x/z, y/z of the rays through (*, 2) pixels."""
        distorted = (pixels - self._centre(pixels)) / self._focal(pixels)
        if not self.distortion.any():
            return distorted
        plane = distorted
        for _ in range(_UNDISTORT_STEPS):
            radial, tangential = self._distortion_terms(plane)
            plane = (distorted - tangential) / radial
        return plane

    def rays(self, pixels: Tensor) -> Tensor:
        """Return the (*, 3) unit rays through (*, 2) pixels."""
        plane = self.normalize(pixels)
        return torch.nn.functional.normalize(
            torch.cat((plane, torch.ones_like(plane[..., :1])), -1), dim=-1)

    def unproject(self, pixels: Tensor, depth: Tensor) -> Tensor:
        """Return the (*, 3) points, metres, at z = `depth` (*) that project to (*, 2) pixels."""
        plane = self.normalize(pixels)
        return torch.cat((plane, torch.ones_like(plane[..., :1])), -1) * depth[..., None]

    def _focal(self, like: Tensor) -> Tensor:
        return like.new_tensor((self.matrix[0, 0], self.matrix[1, 1]))

    def _centre(self, like: Tensor) -> Tensor:
        return like.new_tensor((self.matrix[0, 2], self.matrix[1, 2]))

    def _distort(self, plane: Tensor) -> Tensor:
        if not self.distortion.any():
            return plane
        radial, tangential = self._distortion_terms(plane)
        return plane * radial + tangential

    def _distortion_terms(self, plane: Tensor) -> tuple[Tensor, Tensor]:
        """Return the radial factor (*, 1) and the tangential shift (*, 2), Brown-Conrady."""
        k1, k2, p1, p2, k3, k4, k5, k6 = self.distortion.tolist()
        x, y = plane[..., :1], plane[..., 1:]
        r2 = x * x + y * y
        radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
        tangential = torch.cat((2 * p1 * x * y + p2 * (r2 + 2 * x * x),
                                p1 * (r2 + 2 * y * y) + 2 * p2 * x * y), -1)
        return radial, tangential
