# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A calibration as in CameraInfo, and the camera that it describes for an image size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
import math
from pathlib import Path
from typing import Any

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.field_of_view import DEFAULT_FOV, in_words
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration import files, plausibility

_ASPECT_TOLERANCE = 0.01
_CURE = ('distances are guesses, with a field of view of {fov}. Calibrate the camera '
         '(docs/calibration.md), or give its field of view (parameter fov, --fov)')


@dataclass(frozen=True)
class Calibration:
    """The fields of a sensor_msgs/CameraInfo, from a message or a file; zeros where there are none.

    Intrinsics are those of the full image: before a region of interest is cut out, and before
    binning.
    """

    width: int = 0  # px of the full image
    height: int = 0
    matrix: tuple[float, ...] = (0.0,) * 9  # K
    distortion: tuple[float, ...] = ()  # D
    distortion_model: str = ''
    projection: tuple[float, ...] = (0.0,) * 12  # P, of rectified images
    binning: tuple[int, int] = (1, 1)  # columns and rows of the sensor in one pixel
    roi: tuple[int, int, int, int] = (0, 0, 0, 0)  # left, top, width, height
    source: str = field(default='', compare=False)  # file name for errors; empty for messages

    @classmethod
    def from_camera_info(cls, info: Any) -> Calibration:
        """Return the calibration in a sensor_msgs/CameraInfo of rclpy or rosbags."""
        roi = info.roi
        return cls(
            info.width, info.height, _numbers(info.k), _numbers(info.d), info.distortion_model,
            _numbers(info.p), (max(info.binning_x, 1), max(info.binning_y, 1)),
            (roi.x_offset, roi.y_offset, roi.width, roi.height))

    @classmethod
    def from_yaml(cls, path: str | Path) -> Calibration:
        """Read a file in one of the formats of `calibration.files`.

        Raises InputError for a file that is missing or is not a calibration.
        """
        return cls(**files.read(Path(path)), source=str(path))

    @property
    def image_size(self) -> tuple[int, int]:
        """Width and height, px, of the published images: the region of interest after binning."""
        _, _, width, height = self.roi
        if not (width and height):
            width, height = self.width, self.height
        return _binned(width, self.binning[0]), _binned(height, self.binning[1])

    def camera(self, width: int = 0, height: int = 0, *, rectified: bool = False,
               fov: float = DEFAULT_FOV) -> Camera:
        """Return the camera for images of `width` x `height` px, by default `image_size`.

        Raw images have the intrinsics K and the distortion D; `rectified` images have the
        intrinsics in P and no distortion. The intrinsics are adapted to the region of interest, to
        binning, and to resizing that keeps the aspect ratio. An impossible calibration counts as
        none: the camera is a guess with `fov`, radians over the longer side, `calibrated` is False,
        and `remark` says why. Raises InputError for a lens model that is not supported, for another
        aspect ratio, and for rectified images of a calibrated camera without P.
        """
        if not (width and height):
            width, height = self.image_size
        with self._named():
            return _camera(self, width, height, rectified, fov)

    def resized(self, width: int, height: int) -> Calibration:
        """Return the calibration for images that are resized to `width` x `height` px.

        Raises InputError if that changes the aspect ratio.
        """
        size = (width, height) if 0 in (self.width, self.height) else self.image_size
        with self._named():
            self._check_region()
            _check_aspect(size, width, height)
        matrix, projection = (
            _scaled(self._cut(np.reshape(m, (3, -1))), (width / size[0], height / size[1]))
            if _has_focal_length(np.reshape(m, (3, -1))) else np.array(m)
            for m in (self.matrix, self.projection))
        return replace(self, width=width, height=height, matrix=_numbers(matrix.ravel()),
                       projection=_numbers(projection.ravel()), binning=(1, 1), roi=(0, 0, 0, 0))

    def _cut(self, matrix: np.ndarray) -> np.ndarray:
        """Return a matrix (3, N) of the full image for the region of interest, binned."""
        left, top, width, height = self.roi
        cut = matrix.copy()
        if width and height:
            cut[:2, 2] -= left, top
        return _scaled(cut, (1 / self.binning[0], 1 / self.binning[1]))

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Add the file name to errors."""
        try:
            yield
        except InputError as error:
            raise InputError(f'{self.source}: {error}' if self.source else str(error)) from error

    def _check_region(self) -> None:
        """Raise InputError for a region of interest or a binning that the image cannot have."""
        left, top, width, height = self.roi
        if 0 in (self.width, self.height):
            return
        if left + width > self.width or top + height > self.height:
            raise InputError(
                f'the region of interest, {width}x{height} px at ({left}, {top}), is not inside '
                f'the full image of {self.width}x{self.height}; give it in px of the full image')
        if self.binning[0] > self.width or self.binning[1] > self.height:
            raise InputError(f'binning of {self.binning[0]}x{self.binning[1]} px leaves nothing of '
                             f'an image of {self.width}x{self.height}; 1 means none')

    def _intrinsics(self, rectified: bool) -> tuple[np.ndarray, str, tuple[float, ...]] | str:
        """Return matrix, distortion model and coefficients, or why there are none."""
        matrix = np.reshape(self.matrix, (3, 3))
        problem = _problem(matrix, 'K')
        if problem is None and not np.isfinite(self.distortion).all():
            problem = f'D = {list(self.distortion)} is not finite'
        if not rectified:
            return problem or (matrix, self.distortion_model, self.distortion)
        projection = np.reshape(self.projection, (3, 4))[:, :3]
        if _has_focal_length(projection):
            return projection, 'plumb_bob', ()
        if problem is None:
            raise InputError(
                f'the calibration has P = {list(self.projection)}, which rectified images cannot '
                'have: give one with a projection_matrix, or set image.rectified to false (leave '
                'out --rectified) if the images are not rectified')
        return problem


@lru_cache(maxsize=32)  # a driver repeats it with every image
def _camera(calibration: Calibration, width: int, height: int, rectified: bool,
            fov: float) -> Camera:
    intrinsics = calibration._intrinsics(rectified)
    if isinstance(intrinsics, str):
        return _guess(width, height, fov, intrinsics)
    matrix, model, distortion = intrinsics
    full = (calibration.width, calibration.height)
    if 0 in full:  # not filled in: the size of the image
        full = (width, height)
    whole = Camera(matrix, *full, np.array(distortion), model)
    unmapped = plausibility.unmapped_fraction(whole)
    if reason := plausibility.reason_to_reject(whole, unmapped):
        return _guess(width, height, fov, reason)
    remark = plausibility.reason_to_warn(whole, unmapped, calibration.binning)
    if full != (width, height):
        calibration._check_region()
        matrix, size = calibration._cut(matrix), calibration.image_size
        if size != (width, height):
            _check_aspect(size, width, height)
            matrix = _scaled(matrix, (width / size[0], height / size[1]))
            if size != full:
                remark = remark or (
                    f'region of interest and binning make images of {size[0]}x{size[1]} px, and '
                    f'they are {width}x{height}: check that both are those of the full image')
    return Camera(matrix, width, height, np.array(distortion), model, remark=remark)


def _guess(width: int, height: int, fov: float, reason: str) -> Camera:
    return Camera.from_fov(width, height, fov, f'the camera is not calibrated ({reason}): '
                           + _CURE.format(fov=in_words(fov)))


def _binned(side: int, count: int) -> int:
    """Return the px of a side after binning by `count`; 0 only if the side is 0."""
    return max(side // count, min(side, 1))


def _check_aspect(size: tuple[int, int], width: int, height: int) -> None:
    if abs(size[0] * height / (size[1] * width) - 1) > _ASPECT_TOLERANCE:
        raise InputError(
            f'the calibration is for {size[0]}x{size[1]} px, the image is {width}x{height}, which '
            'is not a scaled copy of it; calibrate the camera at the size it publishes')


def _scaled(matrix: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
    """Return a matrix (3, N) for images that are scaled by factors across and down."""
    scaled = matrix * np.array([[scale[0]], [scale[1]], [1]])
    # Pixel centres are at whole numbers; the corner of the image, at -0.5, stays in place.
    scaled[:2, 2] = (matrix[:2, 2] + 0.5) * scale - 0.5
    return scaled


def _problem(matrix: np.ndarray, name: str) -> str | None:
    if not np.isfinite(matrix).all():
        return f'{name} = {matrix.ravel().tolist()} is not finite'
    if not matrix[:2, :2].any():
        return f'{name} is zero'
    if not _has_focal_length(matrix):
        return f'{name} has the focal lengths {matrix[0, 0]:g} and {matrix[1, 1]:g}'
    return None


def _has_focal_length(matrix: np.ndarray) -> bool:
    return bool(np.isfinite(matrix).all() and matrix[0, 0] > 0 and matrix[1, 1] > 0)


def _numbers(values: Any) -> tuple[float, ...]:
    # The same NaN object each time: a cache compares NaNs in tuples by identity
    return tuple(math.nan if math.isnan(v) else v for v in map(float, values))
