# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A simulated 2D network, which detects the people of a `Crossing` instead of images."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.evaluation.crossings import CAMERA, Crossing
from pose_machine_ros.keypoints2d import crops
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.movenet import STRIDE
from pose_machine_ros.keypoints2d.network import Detections, Refined

_MAP = 64  # cells over a crop: 4 px each
_CENTRE_PRIOR = 1.8  # cells, as in `decoding`
_DETECTOR_NOISE = 0.04  # additional standard deviation of detections, of a person's size
_MIN_SIZE = 15  # cells of the detector's map: size of the smallest person it detects
_MERGE_DISTANCE = 2  # cells: centres this near are detected as one
_MISS_PROBABILITY = 0.05  # that the detector misses a person in a frame
_MIN_VISIBILITY = 0.25  # share of visible keypoints above which a person can be found
_FULL_SCORE_SIZE = 0.35  # of the crop: the scores of smaller people decrease
_EMPTY_SCORE = 0.06  # of keypoints where there is no person
_SWAP_PROBABILITY = 0.5  # that an occluded keypoint is found on the occluding person


class SimulatedNetwork:
    """A replacement of `PoseNetwork2D` that makes the same kinds of error as MoveNet.

    Each `upload` advances to the next frame of the crossing; the content of the image does not
    matter. A crop gives the person whose centre is prominent and near its middle, so that an
    occluded person is mistaken for the one in front. Occluded keypoints are found on the occluding
    person or at random with a low score. The detector misses people, and detects two people as one
    if their centres nearly coincide. The simulation serves to test the association of detections,
    not their quality.
    """

    def __init__(self, crossing: Crossing, seed: int = 0) -> None:
        self.config = Keypoints2DConfig()
        rng = np.random.default_rng(seed)
        self._frame = -1
        keypoints, occluder = crossing.keypoints, crossing.occluder
        frames, people = keypoints.shape[:2]
        self._sizes = (keypoints.max(2) - keypoints.min(2)).max(-1)  # (T, P) px
        self._visibility = 1 - crossing.occluded.mean(-1)
        visible = ~crossing.occluded[..., None]
        self._centres = np.where(visible, keypoints, 0).sum(2) / visible.sum(2).clip(1)

        seen = crossing.noisy_keypoints.copy()
        t, p, k = np.nonzero(crossing.occluded)
        size = self._sizes[t, p]
        swapped = (occluder[t, p, k] >= 0) & (rng.random(len(t)) < _SWAP_PROBABILITY)
        guess = keypoints[t, p, k] + rng.normal(size=(len(t), 2)) * 0.1 * size[:, None]
        guess = np.where(swapped[:, None], seen[t, occluder[t, p, k], k, :2], guess)
        score = np.where(swapped, 0.7 * seen[t, occluder[t, p, k], k, 2],
                         rng.uniform(0.05, 0.25, len(t)))
        seen[t, p, k] = np.concatenate((guess, score[:, None]), -1)
        self._refined = seen
        detected = seen.copy()
        detected[..., :2] += rng.normal(size=detected[..., :2].shape) * _DETECTOR_NOISE \
            * self._sizes[..., None, None]
        self._detected = detected
        self._is_found = ((self._visibility > _MIN_VISIBILITY)
                          & (rng.random((frames, people)) > _MISS_PROBABILITY))

    def upload(self, image: np.ndarray) -> int:
        """Advance to the next frame and return its number."""
        self._frame += 1
        return self._frame

    def detect(self, frame: int, count: int, long_side: int, rotation: int = 0) -> Detections:
        """Return at most `count` people found in the image at `long_side` px."""
        cell = STRIDE * CAMERA.width / long_side
        is_found = self._is_found[frame] & (self._sizes[frame] >= _MIN_SIZE * cell)
        prominence = self._visibility[frame] * self._detected[frame, ..., 2].mean(-1)
        chosen: list[int] = []
        for person in np.argsort(-prominence):
            away = np.abs(self._centres[frame, chosen] - self._centres[frame, person]).max(-1)
            if is_found[person] and (away > _MERGE_DISTANCE * cell).all():
                chosen.append(int(person))
        chosen = chosen[:count]
        return Detections(self._detected[frame, chosen].astype(np.float32), prominence[chosen])

    def crop(self, frame: int, regions: np.ndarray) -> int:
        """Return the number of the frame; there are no pixels to crop."""
        return frame

    def refine(self, cut: int, regions: np.ndarray) -> Refined:
        """Return the keypoints of one person in each of the regions (P, 4)."""
        seen = np.stack([self._refine_region(cut, region) for region in regions])
        return Refined(seen.astype(np.float32))

    def _refine_region(self, frame: int, region: np.ndarray) -> np.ndarray:
        middle, side, axes = region[:2], region[2], crops.axes(region[3])
        offset = (self._centres[frame] - middle) @ axes
        away = np.linalg.norm(offset, axis=-1)
        inside = (np.abs(offset) < side / 2).all(-1)
        visible = inside & (self._visibility[frame] > _MIN_VISIBILITY)
        if not visible.any():
            return np.column_stack((np.tile(middle, (17, 1)), np.full(17, _EMPTY_SCORE)))
        prominence = self._visibility[frame] / (away / side * _MAP + _CENTRE_PRIOR)
        person = np.where(visible, prominence, 0).argmax()
        seen = self._refined[frame, person].copy()
        local = (seen[:, :2] - middle) @ axes
        seen[(np.abs(local) > side / 2).any(-1), 2] = _EMPTY_SCORE
        seen[:, :2] = local.clip(-side / 2, side / 2) @ axes.T + middle
        seen[:, 2] *= min(self._sizes[frame, person] / side / _FULL_SCORE_SIZE, 1)
        return seen
