# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One person in 2D over time with the ground truth: the input of every method."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.correction.scale import Floor
from pose_machine_ros.pose import Appearance
from pose_machine_ros.synthesis.clips import MIN_KEYPOINTS, MIN_SCORE


@dataclass(frozen=True)
class Clip:
    """T frames of one person."""

    name: str
    keypoints: np.ndarray  # (T, 17, 3) COCO-17: px and score; NaN where unseen
    stamps_ns: np.ndarray  # (T,) int64
    camera: Camera
    truth: np.ndarray  # (T, J, 3) metres, camera frame; NaN where unknown
    joints: list[int]  # indices in HUMAN36M_17 of the J joints
    origin: list[int]  # indices in `truth` of the joints whose mean is the origin of a pose
    height: float | None = None  # metres, of the person, if known
    floor: Floor | None = None  # on which the person stands, if known
    video: Path | None = None  # the source of the frames
    first_frame: int = 0  # in the video
    appearances: list[Appearance | None] | None = None  # (T,) None: the 2D network gave none

    @property
    def has_appearances(self) -> bool:
        """Whether the 2D network gave features of the person's picture in any frame."""
        return any(a is not None for a in self.appearances or ())

    @property
    def usable(self) -> np.ndarray:
        """(T,) bool: frames with enough keypoints to lift."""
        return (self.keypoints[..., 2] > MIN_SCORE).sum(-1) >= MIN_KEYPOINTS


@dataclass(frozen=True)
class Prediction:
    """The output of a method for a clip; NaN in frames without an output."""

    positions: np.ndarray  # (T, 17, 3) HUMAN36M_17, metres, camera frame
    covariance: np.ndarray | None = None  # (T, 17, 3, 3), if the method gives one
