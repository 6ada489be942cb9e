# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One image of a depth camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError

_UNITS = {np.dtype(np.uint16): 1e-3, np.dtype(np.float32): 1.0}  # metres, as REP-118 has them


@dataclass(frozen=True)
class DepthImage:
    """Distances along the optical axis; 0, NaN and infinity are holes.

    Only the pixels that are read are converted to metres. Raises InputError for an image that is
    not usable, or that does not fit its camera.
    """

    values: np.ndarray  # (H, W) uint16 in millimetres or float32 in metres
    camera: Camera  # of the depth image; that of the colour image if it is registered to it
    stamp_ns: int
    pose: RigidTransform | None = None  # in the colour camera's frame; None if registered

    def __post_init__(self) -> None:
        values = self.values
        if values.ndim != 2 or values.dtype not in _UNITS or values.size == 0:
            raise InputError(f'a depth image of {values.dtype} {values.shape} is not usable; it '
                             'must be (height, width), uint16 in mm or float32 in m')
        if values.shape != (self.camera.height, self.camera.width):
            raise InputError(
                f'the depth image is {values.shape[1]}x{values.shape[0]} and its camera '
                f'{self.camera.width}x{self.camera.height}; give the camera of the depth image')

    def metres(self, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return the depths (*), float32, at pixels (*); NaN in holes and outside the image."""
        height, width = self.values.shape
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        found = self.values[np.where(inside, rows, 0), np.where(inside, columns, 0)]
        depth = found * np.float32(_UNITS[self.values.dtype])
        with np.errstate(invalid='ignore'):
            return np.where(inside & (depth > 0) & (depth < np.inf), depth, np.float32(np.nan))

    def is_on(self, camera: Camera) -> bool:
        """Return whether pixels of the colour `camera` are those of this image."""
        return self.pose is None and are_equal(self.camera, camera)


def are_equal(one: Camera, other: Camera) -> bool:
    """Return whether two cameras see each point at the same pixel."""
    return one is other or _description(one) == _description(other)


def _description(camera: Camera) -> tuple:
    return (camera.width, camera.height, camera.matrix.tobytes(), camera.distortion_model,
            camera.distortion.tobytes())
