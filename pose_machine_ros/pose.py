# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The results of one frame: people in 2D, and their skeletons in 3D."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
import math

import numpy as np

from pose_machine_ros.skeleton import COCO_17


class TrackingState(IntEnum):
    """State of a person's track in this frame; values as in the Skeleton3D message."""

    NEW = 0  # seen in this frame for the first time
    TRACKED = 1  # seen in this frame and before
    PREDICTED = 2  # not seen in this frame; the pose is extrapolated from earlier frames
    LOST = 3  # the track ends in this frame; the id is not used again

    @property
    def is_seen(self) -> bool:
        """Whether the person is seen in this frame."""
        return self in (TrackingState.NEW, TrackingState.TRACKED)

    @property
    def is_active(self) -> bool:
        """Whether the track goes on: the person is seen or predicted."""
        return self != TrackingState.LOST


class Space(IntEnum):
    """Meaning of the joints' coordinates; values as in the Skeleton3D message."""

    ROOT_RELATIVE = 0  # the camera is not calibrated: the pose is right, the distance is a guess
    CAMERA_METRIC = 1  # metres in the camera's optical frame
    WORLD_METRIC = 2  # metres in another frame


@dataclass(frozen=True)
class Appearance:
    """What the 2D network computed of a person's picture on its way to the keypoints."""

    features: np.ndarray  # (26, C) float32, at each of APPEARANCE_POINTS
    turn: float  # radians, by which the crop was rotated clockwise


@dataclass(frozen=True)
class Person2D:
    """One person in one image."""

    id: str  # starts with a letter, unique in a run, never reused
    state: TrackingState
    keypoints: np.ndarray  # (17, 3) float32, COCO-17: u, v in px, score in [0, 1]; NaN if unseen
    box: np.ndarray  # (4,) float32: left, top, right, bottom in px
    appearance: Appearance | None = None  # None if unseen, or if the 2D network gives no features


def unseen_keypoints() -> np.ndarray:
    """Return the keypoints (17, 3), float32, of a person who is not seen: NaN, NaN, 0."""
    return np.full((len(COCO_17), 3), (np.nan, np.nan, 0), np.float32)


def unseen_rays() -> np.ndarray:
    """Return the rays (17, 3), float32, of a person who is not seen: NaN."""
    return np.full((len(COCO_17), 3), np.nan, np.float32)


@dataclass(frozen=True)
class Motion:
    """Expected motion of a person in the image since last seen, from their motion in 3D."""

    shift: np.ndarray  # (2,) px
    growth: float  # factor on the apparent size


@dataclass(frozen=True)
class Skeleton:
    """One person in 3D, all joints of HUMAN36M_17 in order, in the frame that `space` tells."""

    id: str
    state: TrackingState
    space: Space
    xyz: np.ndarray  # (17, 3) float32, metres
    covariance: np.ndarray  # (17, 3, 3) float32, square metres
    velocity: np.ndarray  # (17, 3) float32, metres per second
    joint_scores: np.ndarray  # (17,) float32 in [0, 1]; 0 = no keypoint supports this joint
    score: float  # in [0, 1], of the person
    keypoints: np.ndarray  # (17, 3) float32, COCO-17: u, v in px, score
    box: np.ndarray  # (4,) float32: left, top, right, bottom in px
    reprojection_px: float  # mean distance of the projected joints to the keypoints; NaN if unknown
    correction_m: float  # mean distance the correction moved the joints
    # (17, 3) float32: unit rays through `keypoints`, camera's optical frame; NaN where unseen
    rays: np.ndarray = field(default_factory=unseen_rays)
    stature: float = math.nan  # metres, estimated body height
    stature_sigma: float = math.nan  # metres, its standard deviation
    velocity_covariance: np.ndarray | None = None  # (17, 3, 3) float32, (m/s)^2
