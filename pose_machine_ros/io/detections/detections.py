# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The people that a detector saw in the frames of a video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import math
from pathlib import Path

import numpy as np

from pose_machine_ros.errors import InputError

_SPARSE, _SOME = 100, 1000  # frames from the first to the last one, for each one listed


@dataclass(frozen=True)
class Detection:
    """One person in one frame."""

    keypoints: np.ndarray  # (17, 3), COCO-17: u, v in px, score; as the file has them
    person: str | None = None  # who it is, if the file says so


@dataclass(frozen=True)
class DetectionSequence:
    """Detections by frame number, with the size of the images if the file says so."""

    path: Path
    frames: dict[int, list[Detection]]
    size: tuple[int, int] | None = None  # width, height in px

    def listed(self) -> list[list[Detection]]:
        """Return the detections of every frame, from the first number that the file has.

        Numbers begin at 0, at 1 or anywhere, depending on the tool. Frames that are not listed have
        no detections. Raises InputError for numbers that are not those of successive frames.
        """
        if not self.frames:
            return []
        first, last = min(self.frames), max(self.frames)
        if last - first >= _SPARSE * len(self.frames) + _SOME:
            raise InputError(
                f'{self.path} lists {len(self.frames)} frames with numbers from {first} to {last}: '
                'they are not the frames of one video; number them one by one')
        return [self.frames.get(number, []) for number in range(first, last + 1)]


def identity(entry: Mapping, *names: str) -> str | None:
    """Return who a detection is by the first of the entries `names`; None for null and below 0.

    A list of one number, as some tools write, counts as the number.
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
