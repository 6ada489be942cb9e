# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One person as one camera sees them, in the world: rays, and a pose of unknown size and place."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np

from pose_machine_ros.fusion.view import View
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import SHARED_JOINTS, SHARED_KEYPOINTS

_SEEN = list(SHARED_JOINTS)
_JOINT_SIGMA = 0.01  # metres; no camera knows the pose of a person better
_MIN_KEYPOINTS = 3
_STATURE = 1.7  # metres, with `_STATURE_SIGMA`: of a person of whom the camera says nothing
_STATURE_SIGMA = 0.1
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
    xyz: np.ndarray  # (17, 3) metres; the camera's own estimate, 0 where unknown
    size: float  # metres, stature of a person with the pose `xyz`
    information: np.ndarray  # (17, 3, 3) of the pose, whatever its size and place; 0 where unknown
    stature: float  # metres, as the camera estimates it
    stature_sigma: float  # metres

    @property
    def known(self) -> np.ndarray:
        """(17,) bool: the joints with a position."""
        return self.information[:, 0, 0] > 0

    @property
    def is_usable(self) -> bool:
        """Whether enough is seen to place the person."""
        return bool((self.weights > 0).sum() >= _MIN_KEYPOINTS and self.known.any())

    @classmethod
    def of(cls, view: View, skeleton: Skeleton) -> Sighting:
        """Return what `view` says of one of its people."""
        pose, stature, sigma = view.pose, skeleton.stature, skeleton.stature_sigma
        if not (math.isfinite(stature) and math.isfinite(sigma)):
            stature, sigma = _STATURE, _STATURE_SIGMA
        xyz = skeleton.xyz.astype(np.float64)
        known = np.isfinite(xyz).all(-1) & np.isfinite(skeleton.covariance).all((-1, -2))
        xyz = np.where(known[:, None], xyz, 0)
        # The size is an unknown of its own, so its part of the covariance is taken out
        along = xyz * (sigma / stature)
        covariance = np.where(known[:, None, None], skeleton.covariance, np.eye(3)) \
            - along[:, :, None] * along[:, None]
        values, axes = np.linalg.eigh(covariance)
        information = (axes / np.maximum(values, _JOINT_SIGMA ** 2)[:, None]) \
            @ axes.swapaxes(-1, -2)
        rays = skeleton.rays[list(SHARED_KEYPOINTS)].astype(np.float64)
        seen = np.isfinite(rays).all(-1)
        scores = np.nan_to_num(skeleton.keypoints[list(SHARED_KEYPOINTS), 2])
        weights = np.where(seen, scores, 0) * (1.0 if view.calibrated else _GUESSED_WEIGHT)
        return cls(
            view.camera, view.stamp_ns, skeleton, pose.translation,
            pose.rotate(np.where(seen[:, None], rays, 0)), weights,
            np.where(known[:, None], pose.apply(xyz), 0), stature,
            pose.rotate_covariance(information) * known[:, None, None], stature, sigma)

    def scaled(self, stature: float) -> np.ndarray:
        """Return the pose (17, 3), metres, of a person of this stature, who looks the same."""
        return self.origin + (self.xyz - self.origin) * (stature / self.size)

    def distances(self, xyz: np.ndarray) -> np.ndarray:
        """Return the distances (13,) of joints (17, 3), metres, to the rays; 0 where unseen."""
        away = xyz[_SEEN] - self.origin
        across = away - (away * self.rays).sum(-1, keepdims=True) * self.rays
        return np.linalg.norm(across, axis=-1) * (self.weights > 0)
