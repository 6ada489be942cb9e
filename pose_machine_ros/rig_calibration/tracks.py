# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the cameras of a rig saw: people over time, each in one camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, LIMB_JOINTS

# Keypoints that are joints too. Those of the face are left out: from behind they are guesses.
JOINTS = tuple(LIMB_JOINTS)
_KEYPOINT_ROWS = COCO_17.indices(JOINTS)
_JOINT_ROWS = HUMAN36M_17.indices(JOINTS)
MIN_SCORE = 0.15
_MIN_KEYPOINTS = 5  # with at least MIN_SCORE; a frame with fewer is not used


@dataclass(frozen=True)
class Track:
    """One person as one camera sees them; J are the 12 joints of JOINTS."""

    id: str
    times: np.ndarray  # (T,) float64 seconds, by the stamps of the camera, rising
    rays: np.ndarray  # (T, J, 3) float64, unit length, camera optical frame; NaN where unseen
    scores: np.ndarray  # (T, J) float64, 0 where unseen
    joints: np.ndarray  # (T, J, 3) float64 metres, camera optical frame: what this camera estimates

    @property
    def seconds(self) -> float:
        """Time from the first to the last frame."""
        return float(self.times[-1] - self.times[0])


@dataclass(frozen=True)
class CameraTracks:
    """Everybody whom one camera saw."""

    name: str
    frame_id: str  # optical frame of the camera's images
    tracks: list[Track]
    calibrated: bool = True  # False if the intrinsics are a guess

    @property
    def span(self) -> tuple[float, float]:
        """First and last time at which somebody was seen, seconds."""
        return (min(t.times[0] for t in self.tracks), max(t.times[-1] for t in self.tracks))


class TrackCollector:
    """Collects the skeletons of one camera, frame by frame, into tracks."""

    def __init__(self, name: str, frame_id: str, calibrated: bool = True) -> None:
        self.name, self.frame_id, self.calibrated = name, frame_id, calibrated
        self._rows: dict[str, list[tuple[float, Skeleton]]] = {}

    def add(self, stamp_ns: int, skeletons: list[Skeleton]) -> None:
        """Add the skeletons of one more frame, in the camera's optical frame.

        People who are predicted and not seen are left out, and frames that are not later than the
        one before.
        """
        time = stamp_ns * 1e-9
        for skeleton in skeletons:
            rows = self._rows.setdefault(skeleton.id, [])
            if skeleton.state.is_seen and _is_usable(skeleton) and (
                    not rows or time > rows[-1][0]):
                rows.append((time, skeleton))

    def finish(self) -> CameraTracks:
        """Return everybody who was seen in at least two frames."""
        tracks = [_track(person, rows) for person, rows in self._rows.items() if len(rows) > 1]
        return CameraTracks(self.name, self.frame_id, tracks, self.calibrated)


def _scores(skeleton: Skeleton) -> np.ndarray:
    scores = np.asarray(skeleton.keypoints[_KEYPOINT_ROWS, 2], np.float64)
    is_seen = np.isfinite(skeleton.rays[_KEYPOINT_ROWS]).all(-1) & (scores >= MIN_SCORE)
    return np.where(is_seen, scores, 0.0)


def _is_usable(skeleton: Skeleton) -> bool:
    return bool(np.isfinite(skeleton.xyz).all()
                and (_scores(skeleton) > 0).sum() >= _MIN_KEYPOINTS)


def _track(person: str, rows: list[tuple[float, Skeleton]]) -> Track:
    scores = np.stack([_scores(s) for _, s in rows])
    rays = np.stack([s.rays[_KEYPOINT_ROWS] for _, s in rows]).astype(np.float64)
    return Track(person, np.array([t for t, _ in rows]),
                 np.where(scores[..., None] > 0, rays, np.nan), scores,
                 np.stack([s.xyz[_JOINT_ROWS] for _, s in rows]).astype(np.float64))
