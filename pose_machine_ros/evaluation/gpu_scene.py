# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Images and people for the measurements on a GPU."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import Refined
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.networks import Networks
from pose_machine_ros.pose import Appearance, Person2D, TrackingState
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


def in_2d(seen: Refined, regions: np.ndarray) -> list[Person2D]:
    """Return people as the tracker would report them, from what was found in crops (P, 4)."""
    features = [None] * len(regions) if seen.features is None else seen.features
    return [Person2D(f'p{i}', TrackingState.TRACKED, keypoints, np.zeros(4, np.float32),
                     None if found is None else Appearance(found, float(region[3])))
            for i, (keypoints, found, region) in enumerate(
                zip(seen.keypoints, features, regions))]


def lifter_on(networks: Networks, device: torch.device | str) -> PoseLifter:
    """Return a new lifter with networks on a device."""
    return PoseLifter(device=device, lifter=networks.lifter, appearance=networks.appearance)
