# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Films of skeletons: the frame with its overlay beside the view in space."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np

from pose_machine_ros.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.output_files import output_file
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.rendering.overlay import draw_overlay
from pose_machine_ros.rendering.view3d import View3D

_HEIGHT = 720  # px
_VIEW_WIDTH = 720
_VARIABLE_RATE_FPS = 60.0  # of films of videos without a constant rate
_STEPS = 100  # between pictures, whose median is the usual one


class Composer:
    """Draws one picture per frame: the frame at the left, the view in space at the right."""

    def __init__(self, rotation: int = 0) -> None:
        """Show people upright in space who are so once the frames are turned by `rotation`."""
        self._rotation = rotation
        self._view: View3D | None = None

    def draw(self, image: np.ndarray, skeletons: list[Skeleton], camera: Camera) -> np.ndarray:
        """Return (H, W, 3) BGR with even sides, always the same for frames of the same size."""
        skeletons = [s for s in skeletons if s.state.is_active]
        overlay = draw_overlay(image, skeletons, camera)
        height, width = image.shape[:2]
        shown_height = min(_HEIGHT, round(1080 * height / width))
        shown_width = round(width * shown_height / height / 2) * 2
        shown_height -= shown_height % 2
        left = cv2.resize(overlay, (shown_width, shown_height), interpolation=cv2.INTER_AREA)
        if self._view is None:
            width = min(_VIEW_WIDTH, round(1.2 * shown_height) // 2 * 2)
            self._view = View3D(width, shown_height, self._rotation)
        return np.hstack((left, self._view.draw(skeletons, camera)))


def film_fps(video: VideoFile) -> float:
    """Return the rate of a film into which the frames of `video` fit, at any times."""
    return video.fps if video.begins_at_constant_rate else max(video.fps, _VARIABLE_RATE_FPS)


class FilmWriter:
    """Writes pictures (H, W, 3) BGR of one size as an MP4 file of constant rate.

    A picture stays until the time of the next one, so that pictures at any times play right. After
    an error no film is left behind, and an earlier file of that name is unchanged.
    """

    def __init__(self, path: str | Path, fps: float) -> None:
        self._path, self._fps = Path(path), fps
        self._stack = ExitStack()
        self._writer: cv2.VideoWriter | None = None
        self._shown: np.ndarray | None = None  # the picture that is not yet in the film
        self._stamps: deque[int] = deque(maxlen=_STEPS)
        self._first_ns = 0
        self._written = 0  # pictures in the film

    def __enter__(self) -> FilmWriter:
        """Begin; raises InputError if the file cannot be written."""
        self._partial = self._stack.enter_context(output_file(self._path))
        return self

    def __exit__(self, *error: object) -> None:
        try:
            if error[0] is None and self._shown is not None:
                usual = np.median(np.diff(self._stamps)) if len(self._stamps) > 1 else 0
                self._write_until(self._stamps[-1] + max(usual, 1e9 / self._fps))
            if self._writer is not None:
                self._writer.release()
        finally:
            self._stack.__exit__(*error)

    def add(self, picture: np.ndarray, stamp_ns: int | None = None) -> None:
        """Show `picture` from `stamp_ns` on, by default one frame after the picture before it.

        Stamps rise; of pictures closer than a frame the last is shown. The last picture of a film
        stays for a usual step. Raises InputError if the film cannot be written.
        """
        if self._writer is None:
            self._begin(picture)
            self._first_ns = stamp_ns or 0
        if stamp_ns is None:
            stamp_ns = self._stamps[-1] + round(1e9 / self._fps) if self._stamps else 0
        self._write_until(stamp_ns)
        self._stamps.append(stamp_ns)
        self._shown = picture

    def _begin(self, picture: np.ndarray) -> None:
        size = picture.shape[1], picture.shape[0]
        self._writer = cv2.VideoWriter(
            str(self._partial), cv2.VideoWriter_fourcc(*'mp4v'), self._fps, size)
        if not self._writer.isOpened():
            raise InputError(f'cannot write the film {self._path}; does the name end in .mp4?')

    def _write_until(self, stamp_ns: float) -> None:
        """Repeat the picture that is shown up to a time."""
        frames = round((stamp_ns - self._first_ns) * 1e-9 * self._fps)
        if self._shown is not None:
            for _ in range(frames - self._written):
                self._writer.write(self._shown)
        self._written = max(self._written, frames)
