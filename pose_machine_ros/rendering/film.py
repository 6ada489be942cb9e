# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Films of skeletons: the frame with its overlay beside the view in space."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from pose_machine_ros.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.pose import Skeleton, TrackingState
from pose_machine_ros.rendering.overlay import draw_overlay
from pose_machine_ros.rendering.view3d import View3D

_HEIGHT = 720  # px
_VIEW_WIDTH = 720


class Composer:
    """Draws one picture per frame: the frame at the left, the view in space at the right."""

    def __init__(self) -> None:
        self._view: View3D | None = None

    def draw(self, image: np.ndarray, skeletons: list[Skeleton], camera: Camera) -> np.ndarray:
        """Return (H, W, 3) BGR with even sides, always the same for frames of the same size."""
        skeletons = [s for s in skeletons if s.state != TrackingState.LOST]
        overlay = draw_overlay(image, skeletons, camera)
        height, width = image.shape[:2]
        shown_height = min(_HEIGHT, round(1080 * height / width))
        shown_width = round(width * shown_height / height / 2) * 2
        shown_height -= shown_height % 2
        left = cv2.resize(overlay, (shown_width, shown_height), interpolation=cv2.INTER_AREA)
        if self._view is None:
            self._view = View3D(min(_VIEW_WIDTH, round(1.2 * shown_height) // 2 * 2), shown_height)
        return np.hstack((left, self._view.draw(skeletons, camera)))


class FilmWriter:
    """Writes pictures (H, W, 3) BGR of one size as an MP4 file."""

    def __init__(self, path: str | Path, fps: float) -> None:
        self._path, self._fps = Path(path), fps
        self._writer: cv2.VideoWriter | None = None

    def __enter__(self) -> FilmWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.release()

    def add(self, picture: np.ndarray) -> None:
        """Append one picture; raises InputError where the file can't be written."""
        if self._writer is None:
            size = picture.shape[1], picture.shape[0]
            self._writer = cv2.VideoWriter(
                str(self._path), cv2.VideoWriter_fourcc(*'mp4v'), self._fps, size)
            if not self._writer.isOpened():
                raise InputError(f'cannot write the film {self._path}; is the folder there, and '
                                 'does the name end in .mp4?')
        self._writer.write(picture)
