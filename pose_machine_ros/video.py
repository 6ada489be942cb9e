# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A video file as a camera that is read frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from pose_machine_ros.errors import InputError

_DEFAULT_FPS = 30.0  # of files that do not say
_HANDY_SIZE = 900  # px


class VideoFile:
    """Iterates over `(stamp_ns, image)`: nanoseconds since the first frame, (H, W, 3) uint8 BGR.

    A phone's turned pictures come upright. Raises InputError for a file that can't be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise InputError(f'there is no video file {self.path}')
        capture = self._open()
        is_read, image = capture.read()
        if not is_read:
            raise InputError(f'{self.path} has no frame that OpenCV can decode; convert it to '
                             'H.264 in an .mp4 file, for instance with ffmpeg')
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps < 1000 else _DEFAULT_FPS
        self.height, self.width = image.shape[:2]
        self._length = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        capture.release()

    def __len__(self) -> int:
        """Return the number of frames that the file's header promises."""
        return max(self._length, 0)

    def handy_width(self) -> int:
        """Return a whole fraction of the width, px, that makes the longer side about 900 px.

        Shrinking by a whole number takes a tenth of the time.
        """
        return self.width // max(1, round(max(self.width, self.height) / _HANDY_SIZE))

    def __iter__(self) -> Iterator[tuple[int, np.ndarray]]:
        capture = self._open()
        try:
            index, newest = 0, -1
            while True:
                # The time of the frame that comes next; some files give none, or the same twice.
                stamp_ns = round(capture.get(cv2.CAP_PROP_POS_MSEC) * 1e6)
                is_read, image = capture.read()
                if not is_read:
                    return
                if stamp_ns <= newest:
                    stamp_ns = max(round(index / self.fps * 1e9), newest + 1)
                yield stamp_ns, image
                index, newest = index + 1, stamp_ns
        finally:
            capture.release()

    def _open(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(str(self.path))
        if not capture.isOpened():
            raise InputError(f'{self.path} is no video that OpenCV can open')
        return capture
