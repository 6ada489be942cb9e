# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The people of a video as pictures of their own."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
import itertools

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.io.images.shrink import shrink
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.machine import PoseMachine

_SEARCHED = 150  # frames
_EVERY = 3  # frames, of those in which people are searched
_WIDTH = 900  # px, in which they are searched
_SEEN = 0.9  # of the frames
_MARGIN = 1.3  # of a picture, relative to the person's largest bounding box


@dataclass(frozen=True)
class FilmedPerson:
    """One person of a video."""

    pictures: list[np.ndarray]  # (h, w, 3) uint8 BGR, all of one size, which follow the person


def filmed_people(video: VideoFile, frames: int, config: MachineConfig) -> list[FilmedPerson]:
    """Return the people who are seen throughout `frames` frames, in the part that shows most.

    Only the first seconds are searched; a shorter video has fewer frames. Empty if it shows nobody.
    """
    images = [image for _, image in itertools.islice(video, max(_SEARCHED, frames))]
    boxes = _boxes(images, video.fps, config)
    length = min(frames, len(images))

    def seen(start: int) -> list[str]:
        looks = range(start, start + length, _EVERY)
        return [i for i, found in boxes.items()
                if sum(k in found for k in looks) >= _SEEN * len(looks)]

    start = max(range(0, len(images) - length + 1, _EVERY), key=lambda k: len(seen(k)))
    return [FilmedPerson(_follow(images[start:start + length], start, boxes[i]))
            for i in seen(start)]


def _boxes(images: list[np.ndarray], fps: float,
           config: MachineConfig) -> dict[str, dict[int, np.ndarray]]:
    """Return by id the bounding boxes (left, top, right, bottom in px) by frame."""
    machine = PoseMachine(replace(config, lifting=replace(config.lifting, correction='none')))
    height, width = images[0].shape[:2]
    scale = min(1.0, _WIDTH / max(width, height))
    size = round(scale * width), round(scale * height)
    camera = Camera.from_fov(*size)
    found: dict[str, dict[int, np.ndarray]] = defaultdict(dict)
    for k in range(0, len(images), _EVERY):
        for s in machine.step(shrink(images[k], size), round(k / fps * 1e9), camera):
            if s.state.is_seen:
                found[s.id][k] = s.box / scale
    return found


def _follow(images: list[np.ndarray], start: int,
            boxes: dict[int, np.ndarray]) -> list[np.ndarray]:
    """Return the part of each image around a person, whose boxes count from image `-start`."""
    known = [k for k in boxes if start <= k < start + len(images)]
    of_person = np.array([boxes[k] for k in known])
    limits = np.array(images[0].shape[1::-1])
    size = np.minimum(_MARGIN * (of_person[:, 2:] - of_person[:, :2]).max(0), limits).astype(int)
    centres = (of_person[:, :2] + of_person[:, 2:]) / 2
    pictures = []
    for k, image in enumerate(images, start):
        centre = [np.interp(k, known, centres[:, axis]) for axis in (0, 1)]
        left, top = np.clip(centre - size / 2, 0, limits - size).astype(int)
        pictures.append(image[top:top + size[1], left:left + size[0]].copy())
    return pictures
