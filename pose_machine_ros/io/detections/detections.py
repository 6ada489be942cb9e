# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The people that a detector found in the frames of a video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import math
from pathlib import Path

import numpy as np

from pose_machine_ros.errors import InputError

_MAX_SPARSENESS, _ALLOWANCE = 100, 1000  # frame numbers: per listed frame, plus a constant


@dataclass(frozen=True)
class Detection:
    """One person in one frame."""

    keypoints: np.ndarray  # (17, 3), COCO-17: u, v in px, score; as the file has them
    track_id: str | None = None  # None if the file has none


@dataclass(frozen=True)
class DetectionSequence:
    """Detections by frame number, with the image size if the file has it."""

    path: Path
    frames: dict[int, list[Detection]]
    size: tuple[int, int] | None = None  # width, height in px

    def all_frames(self) -> list[list[Detection]]:
        """Return the detections of every frame, from the first to the last frame number.

        The first number is 0, 1 or any other, depending on the tool. Frames that the file does not
        list have no detections. Raises InputError for numbers that cannot be those of one video.
        """
        if not self.frames:
            return []
        first, last = min(self.frames), max(self.frames)
        if last - first >= _MAX_SPARSENESS * len(self.frames) + _ALLOWANCE:
            raise InputError(
                f'{self.path} lists {len(self.frames)} frames with numbers from {first} to {last}: '
                'they are not the frames of one video; number them one by one')
        return [self.frames.get(number, []) for number in range(first, last + 1)]


def track_id(entry: Mapping, *names: str) -> str | None:
    """Return the track id of a detection from the first valid of the entries `names`.

    Null and negative numbers are not valid; without a valid entry, returns None. A list of one
    number, as some tools write, counts as the number.
    """
    for name in names:
        value = entry.get(name)
        while isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, str) and value:
            return value
        if isinstance(value, (int, float)) and 0 <= value and value != math.inf:
            return str(int(value) if value == value // 1 else value)
    return None
