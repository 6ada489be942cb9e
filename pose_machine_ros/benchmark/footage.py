# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Images for the benchmark: a video as it was filmed, or a montage of as many people as wanted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
import math
from pathlib import Path

import cv2
import numpy as np

from pose_machine_ros.benchmark.case import Case
from pose_machine_ros.benchmark.filmed_part import FilmedPart, find_part
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.images.shrink import shrink
from pose_machine_ros.io.video import VideoFile

FPS = 30.0
STEP_NS = round(1e9 / FPS)
_GRAY = 114  # around the pictures
_SHIFT = 7  # frames between the motions of two copies of a person
_LARGEST = 2.0  # times the size at which a person was filmed


class Footage:
    """Images of a video for any `Case`, from the part of it that shows most people.

    There are at most `frames` images. They play forwards and backwards (see `in_turn`), so that
    nobody jumps when they repeat.
    """

    def __init__(self, video: Path, frames: int, config: MachineConfig) -> None:
        """Open the video; raises InputError if it cannot be read."""
        self._video, self._frames, self._config = VideoFile(video), frames, config

    def images(self, case: Case) -> np.ndarray:
        """Return (N, H, W, 3) uint8 BGR at the size of the case.

        Raises InputError for a montage if the video shows nobody.
        """
        if case.people is None:
            return np.stack([_fitted(image, case.size) for image in self._part.images])
        if not self._part.people:
            raise InputError(f'{self._video.path} shows nobody for a montage; give another video '
                             'with --video, or measure it as it is with --people video')
        return montage(self._part.people, case.people, case.size)

    @cached_property
    def _part(self) -> FilmedPart:
        return find_part(self._video, self._frames, self._config)


def in_turn(images: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return images forwards and then backwards, to be repeated."""
    images = list(images)
    return images + images[-2:0:-1]


def montage(people: Sequence[Sequence[np.ndarray]], count: int,
            size: tuple[int, int]) -> np.ndarray:
    """Return images (N, H, W, 3) at `size`, (width, height), of `count` people side by side.

    `people` are pictures (h, w, 3) of each person; all of one person have the same size. Further
    copies of a person are mirrored, and move at other times.
    """
    frames = min(map(len, people))
    width, height = size
    rows = _rows(count, width / height)
    columns = math.ceil(count / rows)
    images = np.full((frames, height, width, 3), _GRAY, np.uint8)
    for i in range(count):
        top, bottom = (height * (i // columns + k) // rows for k in (0, 1))
        left, right = (width * (i % columns + k) // columns for k in (0, 1))
        turn = in_turn(range(frames))
        pictures, is_mirrored = people[i % len(people)], i // len(people) % 2
        for k in range(frames):
            picture = pictures[turn[(k + _SHIFT * (i // len(people))) % len(turn)]]
            images[k, top:bottom, left:right] = _fitted(
                picture[:, ::-1] if is_mirrored else picture, (right - left, bottom - top))
    return images


def _rows(count: int, aspect: float) -> int:
    """Return the rows in which upright people in an image of this aspect are largest."""
    return max(range(1, count + 1),
               key=lambda rows: min(1 / rows, 2 * aspect / math.ceil(count / rows)))


def _fitted(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return an image at `size`, (width, height), with gray around it where the aspect differs."""
    scale = min(size[0] / image.shape[1], size[1] / image.shape[0], _LARGEST)
    width, height = (max(round(scale * side), 1) for side in image.shape[1::-1])
    image = np.ascontiguousarray(image)
    image = shrink(image, (width, height)) if scale < 1 else cv2.resize(image, (width, height))
    if (width, height) == size:
        return image
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return cv2.copyMakeBorder(image, top, size[1] - height - top, left, size[0] - width - left,
                              cv2.BORDER_CONSTANT, value=(_GRAY,) * 3)
