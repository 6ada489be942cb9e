# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One person as one camera sees them, in the world: rays, and a pose of unknown size and place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pose_machine_ros.fusion.view import View
from pose_machine_ros.lifting.uncertainty import keypoint_support
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import SHARED_JOINTS, SHARED_KEYPOINTS

_JOINTS, _KEYPOINTS = list(SHARED_JOINTS), list(SHARED_KEYPOINTS)
_JOINT_SIGMA = 0.01  # metres, added; no camera knows the pose of a person better
_MIN_KEYPOINTS = 3
_STATURE = 1.7  # metres, with `_STATURE_SIGMA`: of a person of whom the camera says nothing
_STATURE_SIGMA = 0.1
_LARGEST_SHARE = 0.999
_GUESSED_WEIGHT = 0.2  # of the keypoints of a camera whose intrinsics are a guess


@dataclass(frozen=True)
class Sighting:
    """One person in one view; the arrays are float64, the axes those of the world."""

    camera: str
    stamp_ns: int
    skeleton: Skeleton  # in the camera's optical frame
    origin: np.ndarray  # (3,) of the rays, metres
    rays: np.ndarray  # (13, 3) unit, through the keypoints of SHARED_JOINTS; 0 where unseen
    weights: np.ndarray  # (13,) their scores; 0 where unseen
    support: np.ndarray  # (17,) scores with which keypoints support the joints
    xyz: np.ndarray  # (17, 3) metres; the camera's own estimate, 0 where unknown
    size: float  # metres, stature of a person with the pose `xyz`
    information: np.ndarray  # (17, 3, 3) of the pose, whatever its size and place; 0 where unknown
    stature: float  # metres, as the camera estimates it
    stature_sigma: float  # metres

    @property
    def known(self) -> np.ndarray:
        """(17,) bool: the joints with a position."""
        return self.information[:, 0, 0] > 0

    def scaled(self, stature: float) -> np.ndarray:
        """Return the pose (17, 3), metres, of a person of this stature, who looks the same."""
        return self.origin + (self.xyz - self.origin) * (stature / self.size)


def sightings_of(view: View) -> list[Sighting]:
    """Return what a view says of the people who are seen in it, with enough keypoints."""
    people = [s for s in view.skeletons if s.state.is_seen]
    if not people:
        return []

    def stacked(name: str) -> np.ndarray:
        return np.array([getattr(s, name) for s in people], np.float64)

    xyz, covariance = stacked('xyz'), stacked('covariance')
    known = np.isfinite(xyz).all(-1) & np.isfinite(covariance).all((-1, -2))
    xyz = np.where(known[..., None], xyz, 0)
    stature = np.stack((stacked('stature'), stacked('stature_sigma')), -1)
    stature[~(np.isfinite(stature) & (stature > 0)).all(-1)] = _STATURE, _STATURE_SIGMA
    covariance = np.where(known[..., None, None], covariance, np.eye(3)) \
        + _JOINT_SIGMA ** 2 * np.eye(3)
    size = xyz * (stature[:, 1] / stature[:, 0])[:, None, None]
    information = view.pose.rotate_covariance(_without(size, covariance)) * known[..., None, None]
    xyz = np.where(known[..., None], view.pose.apply(xyz), 0)

    keypoints = stacked('keypoints')
    rays = stacked('rays')[:, _KEYPOINTS]
    seen = np.isfinite(rays).all(-1)
    weights = np.where(seen, np.nan_to_num(keypoints[:, _KEYPOINTS, 2]), 0)
    weights *= 1.0 if view.calibrated else _GUESSED_WEIGHT
    rays = view.pose.rotate(np.where(seen[..., None], rays, 0))
    support = keypoint_support(keypoints, 0.0)
    return [
        Sighting(view.camera, view.stamp_ns, person, view.pose.translation, rays[i], weights[i],
                 support[i], xyz[i], float(stature[i, 0]), information[i], *stature[i].tolist())
        for i, person in enumerate(people)
        if (weights[i] > 0).sum() >= _MIN_KEYPOINTS and known[i].any()]


def _without(part: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return the inverse (*, 3, 3) of a covariance without the part due to the size.

    The size is an unknown of its own. Its part is the outer product of `part` (*, 3), if the camera
    has added it at all.
    """
    inverse = np.linalg.inv(covariance)
    gain = (inverse @ part[..., None])[..., 0]
    share = (gain * part).sum(-1)  # of the variance along `part`
    rest = np.where(share < _LARGEST_SHARE, 1 - share, np.inf)
    return inverse + gain[..., None] * gain[..., None, :] / rest[..., None, None]


def ray_distances(xyz: np.ndarray, sightings: Sequence[Sighting]) -> np.ndarray:
    """Return how far joints (N, 17, 3), metres, are from the rays of S sightings: (N, S, 13)."""
    rays = np.array([s.rays for s in sightings])
    away = xyz[:, None, _JOINTS] - np.array([s.origin for s in sightings])[:, None]
    across = away - (away * rays).sum(-1, keepdims=True) * rays
    return np.sqrt((across * across).sum(-1))
