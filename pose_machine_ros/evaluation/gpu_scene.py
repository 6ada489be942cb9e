# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Images and people for the measurements on a GPU."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.pose import Person2D, TrackingState
from pose_machine_ros.tracking.bounding_box import crop_region
from pose_machine_ros.tracking.config import TrackingConfig

STEP_NS = 33_333_333
_SIZE = (1280, 720)
CAMERA = Camera.from_fov(*_SIZE)

People = list[np.ndarray]  # keypoints (17, 3) of each person in a frame


def load_images(video: Path, frames: int) -> list[np.ndarray]:
    """Return images (720, 1280, 3) uint8 BGR from the second half of a video."""
    source = VideoFile(video)
    images = itertools.islice(source, len(source) // 2, None)
    return [cv2.resize(image, _SIZE) for _, image in itertools.islice(images, frames)]


def find_people(images: list[np.ndarray]) -> list[People]:
    """Return the keypoints of the people in each image, by the machine on the CPU."""
    machine = PoseMachine(MachineConfig(device='cpu', keypoints=Keypoints2DConfig(backend='torch')))
    return [[s.keypoints for s in machine.step(image, i * STEP_NS, CAMERA)
             if s.state in (TrackingState.TRACKED, TrackingState.NEW)]
            for i, image in enumerate(images)]


def regions_of(people: People) -> np.ndarray:
    """Return the crops (P, 4) of people."""
    return np.stack([crop_region(k, TrackingConfig().crop_margin) for k in people])


def in_2d(people: People) -> list[Person2D]:
    """Return people as the tracker would report them."""
    return [Person2D(f'p{i}', TrackingState.TRACKED, keypoints, np.zeros(4, np.float32))
            for i, keypoints in enumerate(people)]
