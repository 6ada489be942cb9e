# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The part of a video that shows most people, and pictures of each of them."""

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
_LONGER_SIDE = 900  # px, of the images in which they are searched
_SEEN = 0.9  # of the frames
_MARGIN = 1.3  # of a picture, relative to the person's largest bounding box

_Boxes = dict[int, np.ndarray]  # by frame: left, top, right, bottom in px


@dataclass(frozen=True)
class FilmedPart:
    """Consecutive frames of a video."""

    images: list[np.ndarray]  # (H, W, 3) uint8 BGR
    people: list[list[np.ndarray]]  # (h, w, 3); of one person all have one size and follow them


def find_part(video: VideoFile, frames: int, config: MachineConfig) -> FilmedPart:
    """Return the `frames` frames throughout which most people are seen, and these people.

    Only the first seconds are searched. A shorter video has fewer frames.
    """
    boxes, searched = _find_people(video, max(_SEARCHED, frames), config)
    length = min(frames, searched)

    def seen(start: int) -> list[_Boxes]:
        looks = range(start, start + length, _EVERY)
        return [found for found in boxes if sum(k in found for k in looks) >= _SEEN * len(looks)]

    start = max(range(0, searched - length + 1, _EVERY), key=lambda k: len(seen(k)))
    images = [image for _, image in itertools.islice(video, start, start + length)]
    return FilmedPart(images, [_follow(images, start, found) for found in seen(start)])


def _find_people(video: VideoFile, frames: int, config: MachineConfig) -> tuple[list[_Boxes], int]:
    """Return the boxes of each person, and the number of frames; of each third frame only."""
    machine = PoseMachine(replace(config, lifting=replace(config.lifting, correction='none')))
    scale = min(1.0, _LONGER_SIDE / max(video.width, video.height))
    size = round(scale * video.width), round(scale * video.height)
    camera = Camera.from_fov(*size)
    boxes: dict[str, _Boxes] = defaultdict(dict)
    searched = 0
    for k, (stamp_ns, image) in enumerate(itertools.islice(video, frames)):
        searched += 1
        if k % _EVERY == 0:
            for s in machine.step(shrink(image, size), stamp_ns, camera):
                if s.state.is_seen:
                    boxes[s.id][k] = s.box / scale
    return list(boxes.values()), searched


def _follow(images: list[np.ndarray], start: int, boxes: _Boxes) -> list[np.ndarray]:
    """Return the part of each image around a person; the first image is frame `start`."""
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
