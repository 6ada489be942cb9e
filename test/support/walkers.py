# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People as the images of a pinhole camera show them, for the tests of the lifter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from support.observations import standing_pose
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.pose import Person2D, Skeleton, TrackingState, unseen_keypoints
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, HUMAN36M_17

CAMERA = Camera(np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]]), 640, 480)
BOX = np.zeros(4, np.float32)
STEP = 33_333_333  # ns between frames


def seen(index: int = 0, number: int = 1) -> Person2D:
    """Return a person who walks across the image, in frame `index`."""
    return at([0.5 * (number - 1) + 0.02 * index, 0.1, 4], number)


def at(place: Sequence[float] | np.ndarray, number: int = 1) -> Person2D:
    """Return a standing person whose pelvis is at `place` (3,), metres."""
    joints = standing_pose() + torch.as_tensor(place)
    pixels = CAMERA.project(joints)
    scores = torch.full((17, 1), 0.9, dtype=pixels.dtype)
    keypoints = convert_keypoints(torch.cat((pixels, scores), -1).numpy(), HUMAN36M_17, COCO_17)
    return Person2D(f'p{number}', TrackingState.TRACKED, keypoints.astype(np.float32), BOX)


def unseen(number: int = 1, state: TrackingState = TrackingState.PREDICTED) -> Person2D:
    """Return a person without keypoints."""
    return Person2D(f'p{number}', state, unseen_keypoints(), BOX)


def play(lifter: PoseLifter, count: int = 6, start: int = 0, number: int = 1) -> list[Skeleton]:
    """Return the skeletons of one person in `count` frames, from frame `start` on."""
    return [lifter.step([seen(i, number)], (start + i) * STEP, CAMERA)[0] for i in range(count)]
