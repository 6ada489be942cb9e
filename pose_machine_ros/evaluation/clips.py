# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One person in 2D over time, and the truth: what every method is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pose_machine_ros.camera import Camera
from pose_machine_ros.correction.scale import Floor

MIN_SCORE = 0.15
MIN_KEYPOINTS = 5  # a frame in which the 2D network sees less is not lifted


@dataclass(frozen=True)
class Clip:
    """T frames of one person."""

    name: str
    keypoints: np.ndarray  # (T, 17, 3) COCO-17: px and score; NaN where unseen
    stamps_ns: np.ndarray  # (T,) int64
    camera: Camera
    truth: np.ndarray  # (T, J, 3) metres, camera frame; NaN where not known
    joints: list[int]  # which of HUMAN36M_17 the J joints are
    origin: list[int]  # the joints of the truth whose middle poses are centred at
    height: float | None = None  # metres, of the person, where it is known
    floor: Floor | None = None  # that the person stands on, where it is known
    video: Path | None = None  # whose frames they are
    first_frame: int = 0  # of the video

    @property
    def usable(self) -> np.ndarray:
        """(T,) bool: the 2D network saw enough."""
        return (self.keypoints[..., 2] > MIN_SCORE).sum(-1) >= MIN_KEYPOINTS


@dataclass(frozen=True)
class Prediction:
    """What a method says of a clip; NaN in frames it has no answer for."""

    positions: np.ndarray  # (T, 17, 3) HUMAN36M_17, metres, camera frame
    covariance: np.ndarray | None = None  # (T, 17, 3, 3), where the method gives one
