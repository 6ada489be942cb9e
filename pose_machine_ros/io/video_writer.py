# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MP4 files of a constant frame rate, from images at any times."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.output_files import atomic_output
from pose_machine_ros.io.video import VideoFile

_VARIABLE_RATE_FPS = 60.0  # of copies of videos without a constant rate
_RECENT_STAMPS = 100  # for the median step between images


def output_fps(video: VideoFile) -> float:
    """Return the frame rate of a file that takes in all frames of `video`, also at uneven times."""
    return video.fps if video.begins_at_constant_rate else max(video.fps, _VARIABLE_RATE_FPS)


class VideoWriter:
    """Writes images (H, W, 3) BGR of one size as an MP4 file of constant frame rate.

    Each image is repeated until the time of the next one, so that images at uneven times play
    at the right speed. After an error there is no new file, and an earlier file of that name is
    unchanged.
    """

    def __init__(self, path: str | Path, fps: float) -> None:
        self._path, self._fps = Path(path), fps
        self._stack = ExitStack()
        self._writer: cv2.VideoWriter | None = None
        self._pending: np.ndarray | None = None  # the newest image, not written yet
        self._stamps: deque[int] = deque(maxlen=_RECENT_STAMPS)
        self._first_ns = 0
        self._written = 0  # frames in the file

    def __enter__(self) -> VideoWriter:
        """Open the file; raises InputError if it cannot be written."""
        self._partial = self._stack.enter_context(atomic_output(self._path))
        return self

    def __exit__(self, *error: object) -> None:
        try:
            if error[0] is None and self._pending is not None:
                usual = np.median(np.diff(self._stamps)) if len(self._stamps) > 1 else 0
                self._write_until(self._stamps[-1] + max(usual, 1e9 / self._fps))
            if self._writer is not None:
                self._writer.release()
        finally:
            self._stack.__exit__(*error)

    def add(self, image: np.ndarray, stamp_ns: int | None = None) -> None:
        """Show `image` from `stamp_ns` on, by default one frame after the image before it.

        Stamps must rise; of several images within a frame, the last is shown. The last image
        of the file lasts for the median step. Raises InputError if the file cannot be written.
        """
        if self._writer is None:
            self._open(image)
            self._first_ns = stamp_ns or 0
        if stamp_ns is None:
            stamp_ns = self._stamps[-1] + round(1e9 / self._fps) if self._stamps else 0
        self._write_until(stamp_ns)
        self._stamps.append(stamp_ns)
        self._pending = image

    def _open(self, image: np.ndarray) -> None:
        size = image.shape[1], image.shape[0]
        self._writer = cv2.VideoWriter(
            str(self._partial), cv2.VideoWriter_fourcc(*'mp4v'), self._fps, size)
        if not self._writer.isOpened():
            raise InputError(f'cannot write the video {self._path}; does the name end in .mp4?')

    def _write_until(self, stamp_ns: float) -> None:
        """Repeat the pending image up to a time."""
        frames = round((stamp_ns - self._first_ns) * 1e-9 * self._fps)
        if self._pending is not None:
            for _ in range(frames - self._written):
                self._writer.write(self._pending)
        self._written = max(self._written, frames)
