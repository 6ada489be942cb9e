# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A video at the size at which it is played, kept in memory where it fits."""

from __future__ import annotations

from collections.abc import Iterator
import os

import numpy as np

from pose_machine_ros.io.images.shrink import shrink
from pose_machine_ros.io.video import VideoFile

_MAX_BYTES = 2**30
_MAX_SHARE = 0.25  # of the memory of this machine


class Clip:
    """Iterates over `(stamp_ns, image)` of a video; images are (H, W, 3) uint8 BGR at one size.

    The first complete iteration decodes the video and keeps the images, if all of them fit in
    `max_bytes`. Further iterations return these images, which must not be changed.
    """

    def __init__(self, video: VideoFile, size: tuple[int, int], max_bytes: int) -> None:
        """Decode nothing yet; `size` (width, height) px is not larger than that of the video."""
        self.size = size
        self._video = video
        self._max_bytes = max_bytes
        self._kept: list[tuple[int, np.ndarray]] = []
        self._is_complete = False

    @property
    def bytes(self) -> int:
        """Memory of all images, according to the header of the file; 0 if it has no length."""
        return len(self._video) * self.size[0] * self.size[1] * 3

    @property
    def fits(self) -> bool:
        """Whether all images fit in `max_bytes`, as far as is known."""
        return self.bytes <= self._max_bytes

    @property
    def is_loaded(self) -> bool:
        """Whether all images are in memory."""
        return self._is_complete

    def load(self) -> None:
        """Decode all images into memory, if they fit; raises InputError for a damaged file."""
        for _ in self:
            if not self._kept:
                break

    def __iter__(self) -> Iterator[tuple[int, np.ndarray]]:
        if self._is_complete:
            yield from self._kept
            return
        self._kept, keeps = [], self.fits
        for stamp_ns, image in self._video:
            if image.shape[1::-1] != self.size:
                image = shrink(image, self.size)
            # A header may count too few frames
            keeps = keeps and (len(self._kept) + 1) * image.nbytes <= self._max_bytes
            if keeps:
                self._kept.append((stamp_ns, image))
            else:
                self._kept = []
            yield stamp_ns, image
        self._is_complete = keeps


def memory_for_clips() -> int:
    """Return the number of bytes that a clip may take: 1 GiB, or a quarter of a small memory."""
    memory = os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGESIZE')
    return min(_MAX_BYTES, int(memory * _MAX_SHARE))
