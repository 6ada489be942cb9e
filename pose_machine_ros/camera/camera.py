# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A camera with its lens: points to pixels, pixels to rays.

Frames: camera optical frame, x right, y down, z forward, metres. Pixels: (u, v), u to the right,
v down, the centre of the top left pixel at (0, 0), as in ROS and OpenCV.
"""

from __future__ import annotations

from dataclasses import dataclass, field
import math
import re

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.camera.distortion_models import make_lens
from pose_machine_ros.camera.field_of_view import check_fov, DEFAULT_FOV
from pose_machine_ros.camera.lenses import Lens
from pose_machine_ros.errors import InputError


@dataclass(frozen=True)
class Camera:
    """Intrinsics of one camera, checked on construction.

    Raises InputError for a matrix, a size or a lens that is not usable.
    """

    matrix: np.ndarray  # (3, 3), px
    width: int  # px
    height: int  # px
    distortion: np.ndarray = field(default_factory=lambda: np.zeros(0))  # as CameraInfo.d
    distortion_model: str = 'plumb_bob'  # as CameraInfo.distortion_model
    calibrated: bool = True  # False if the focal length is a guess
    remark: str = ''  # why it is not calibrated, or what is suspicious; for a log

    def __post_init__(self) -> None:
        matrix = np.asarray(self.matrix, np.float64)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or matrix[0, 0] <= 0 \
                or matrix[1, 1] <= 0:
            raise InputError(
                f'camera matrix K = {matrix.ravel().tolist()} is not usable: it needs 9 finite '
                'numbers with positive focal lengths; calibrate the camera or give a field of view')
        if self.width <= 0 or self.height <= 0:
            raise InputError(f'image size {self.width}x{self.height} is not usable')
        lens = make_lens(self.distortion_model, self.distortion)
        object.__setattr__(self, 'matrix', matrix)
        object.__setattr__(self, 'distortion', lens.coefficients)
        object.__setattr__(self, '_lens', lens)

    @property
    def remark_kind(self) -> str:
        """Return the remark without numbers, which differ from image to image for some lenses."""
        return re.sub(r'\[.*?\]|[-+]?\d[\d.]*(e[-+]?\d+)?|-?(nan|inf)\b', '', self.remark)

    @property
    def lens(self) -> Lens:
        """Return the lens model."""
        return self._lens

    @classmethod
    def from_fov(cls, width: int, height: int, fov: float = DEFAULT_FOV,
                 remark: str = '') -> Camera:
        """Return an uncalibrated camera with `fov`, radians, over the longer side of the image.

        Raises InputError for a field of view outside the bounds of `FOV`.
        """
        check_fov(fov)
        focal = max(width, height) / 2 / math.tan(fov / 2)
        matrix = [[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]]
        return cls(np.array(matrix), width, height, calibrated=False, remark=remark)

    def project(self, points: Tensor) -> Tensor:
        """Return the pixels (*, 2) of points (*, 3) in metres; NaN for points outside the view."""
        return self._lens.distort(points) * self._focal(points) + self._centre(points)

    def rays(self, pixels: Tensor) -> Tensor:
        """Return unit rays, (*, 3), through pixels, (*, 2); NaN where the lens has no ray."""
        plane = (pixels - self._centre(pixels)) / self._focal(pixels)
        return torch.nn.functional.normalize(self._lens.undistort(plane), dim=-1)

    def normalize(self, pixels: Tensor) -> Tensor:
        """Return x/z and y/z (*, 2) of the rays through pixels (*, 2).

        NaN where there is no ray, or a ray that does not point forward.
        """
        rays = self.rays(pixels)
        return rays[..., :2] / torch.where(rays[..., 2:] > 1e-6, rays[..., 2:], torch.nan)

    def _focal(self, like: Tensor) -> Tensor:
        return like.new_tensor((self.matrix[0, 0], self.matrix[1, 1]))

    def _centre(self, like: Tensor) -> Tensor:
        return like.new_tensor((self.matrix[0, 2], self.matrix[1, 2]))
