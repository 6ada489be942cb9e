# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The pictures that are kept: squares around the person, as the tracker follows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pose_machine_ros.synthesis.rendered.person import PosedPerson
from pose_machine_ros.synthesis.rendered.viewpoint import Viewpoint
from pose_machine_ros.tracking import bounding_box
from pose_machine_ros.tracking.config import TrackingConfig

SIZE = 400  # px, side of a close-up
_COVER = 1.55  # side of a close-up relative to that of the region, which may be turned in it
_KEYPOINT_SIGMA, _CENTRE_SIGMA = 0.025, 0.02  # of the person's size in px
_SIDE_SIGMA = 0.04  # of the logarithm of the region's side
_SEEN_SCORE = 0.9


@dataclass(frozen=True)
class CloseUps:
    """Square pictures of T frames, not turned."""

    centres: np.ndarray  # (T, 2) px of the whole picture
    scales: np.ndarray  # (T,) px of a close-up per px of the whole picture
    turns: np.ndarray  # (T,) radians, of the tracker's region in the close-up

    def matrices(self) -> np.ndarray:
        """Return (T, 3, 3): from px of the whole picture to px of the close-ups."""
        out = np.zeros((len(self.scales), 3, 3))
        out[:, 0, 0] = out[:, 1, 1] = self.scales
        out[:, :2, 2] = (SIZE - 1) / 2 - self.scales[:, None] * self.centres
        out[:, 2, 2] = 1
        return out

    def regions(self) -> np.ndarray:
        """Return what the tracker would crop, (T, 4) px of close-ups; see keypoints2d/crops.py."""
        middle, side = np.full(len(self.turns), (SIZE - 1) / 2), np.full(
            len(self.turns), SIZE / _COVER)
        return np.stack((middle, middle, side, self.turns), 1)


def around(person: PosedPerson, viewpoint: Viewpoint, rng: np.random.Generator) -> CloseUps:
    """Return close-ups of a person, as far off as a tracker's regions are."""
    regions = [_region(pixels, inside, rng) for pixels, inside in zip(
        viewpoint.project(person.keypoints), viewpoint.inside(person.keypoints))]
    u, v, side, turn = np.stack(regions, 1)
    return CloseUps(np.stack((u, v), 1), SIZE / (_COVER * side), turn)


def _region(pixels: np.ndarray, inside: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the region (4,) that the tracker would take for a person with keypoints (17, 2)."""
    size = np.ptp(pixels[inside], axis=0).max()
    keypoints = np.column_stack((pixels + rng.normal(0, _KEYPOINT_SIGMA * size, pixels.shape),
                                 np.where(inside, _SEEN_SCORE, 0)))
    margin = TrackingConfig.crop_margin * np.exp(rng.normal(0, _SIDE_SIGMA))
    region = bounding_box.crop_region(keypoints, margin)
    region[:2] += rng.normal(0, _CENTRE_SIGMA * size, 2)
    return region
