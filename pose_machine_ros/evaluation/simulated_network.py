# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A 2D network that sees the people of a `Crossing` instead of pictures."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.evaluation.crossings import CAMERA, Crossing
from pose_machine_ros.keypoints2d import crops, Keypoints2DConfig
from pose_machine_ros.keypoints2d.movenet import STRIDE
from pose_machine_ros.keypoints2d.network import Detections

_MAP = 64  # cells over a crop: 4 px each
_CENTRE_PRIOR = 1.8  # cells, as in `decoding`
_ROUGH = 0.04  # how much worse the detector's keypoints are, of a person's size
_SMALLEST = 15  # cells of the detector's map that a person has to cover
_MERGED = 2  # cells; of two centres that close the detector sees one
_OVERLOOKED = 0.05  # chance that the detector misses somebody
_PRESENT = 0.25  # visible share from which there is a person to be found
_BLUR = 0.35  # of the crop: a smaller person is not seen well
_NOTHING = 0.06  # score of keypoints where nobody is
_TAKEN = 0.5  # chance that a hidden keypoint is found on who hides it


class SimulatedNetwork:
    """Stands in for `PoseNetwork2D`: sees as MoveNet sees, errs where MoveNet errs.

    Frames are those of the crossing, in order, one for each `upload`; what they show doesn't
    matter. A crop gives the person whose centre is prominent and near its middle, so someone hidden
    behind another is mistaken for that other; hidden keypoints are found on whoever hides them, or
    nowhere; the detector misses people, and sees two whose centres nearly coincide as one. What
    it measures is the association of what a network sees; not how well a network sees.
    """

    def __init__(self, crossing: Crossing, seed: int = 0) -> None:
        self.config = Keypoints2DConfig()
        rng = np.random.default_rng(seed)
        self._frame = -1
        keypoints, behind = crossing.keypoints, crossing.behind
        frames, people = keypoints.shape[:2]
        self._sizes = (keypoints.max(2) - keypoints.min(2)).max(-1)  # (T, P) px
        self._presence = 1 - crossing.hidden.mean(-1)
        shown = ~crossing.hidden[..., None]
        self._centres = np.where(shown, keypoints, 0).sum(2) / shown.sum(2).clip(1)

        seen = crossing.seen.copy()
        t, p, k = np.nonzero(crossing.hidden)
        size = self._sizes[t, p]
        taken = (behind[t, p, k] >= 0) & (rng.random(len(t)) < _TAKEN)
        guess = keypoints[t, p, k] + rng.normal(size=(len(t), 2)) * 0.1 * size[:, None]
        guess = np.where(taken[:, None], seen[t, behind[t, p, k], k, :2], guess)
        score = np.where(taken, 0.7 * seen[t, behind[t, p, k], k, 2],
                         rng.uniform(0.05, 0.25, len(t)))
        seen[t, p, k] = np.concatenate((guess, score[:, None]), -1)
        self._seen = seen
        rough = seen.copy()
        rough[..., :2] += rng.normal(size=rough[..., :2].shape) * _ROUGH \
            * self._sizes[..., None, None]
        self._rough = rough
        self._found = (self._presence > _PRESENT) & (rng.random((frames, people)) > _OVERLOOKED)

    def upload(self, image: np.ndarray) -> int:
        """Go on to the next frame."""
        self._frame += 1
        return self._frame

    def detect(self, frame: int, count: int, long_side: int, rotation: int = 0) -> Detections:
        """Return the people found in the picture shrunk to `long_side` px, at most `count`."""
        cell = STRIDE * CAMERA.width / long_side
        is_found = self._found[frame] & (self._sizes[frame] >= _SMALLEST * cell)
        prominence = self._presence[frame] * self._rough[frame, ..., 2].mean(-1)
        chosen: list[int] = []
        for person in np.argsort(-prominence):
            away = np.abs(self._centres[frame, chosen] - self._centres[frame, person]).max(-1)
            if is_found[person] and (away > _MERGED * cell).all():
                chosen.append(int(person))
        chosen = chosen[:count]
        return Detections(self._rough[frame, chosen].astype(np.float32), prominence[chosen])

    def crop(self, frame: int, regions: np.ndarray) -> int:
        """Nothing is cut: the frame's number will do."""
        return frame

    def refine(self, cut: int, regions: np.ndarray) -> np.ndarray:
        """Return keypoints (P, 17, 3) of the person each of the regions (P, 4) shows."""
        return np.stack([self._look(cut, region) for region in regions]).astype(np.float32)

    def _look(self, frame: int, region: np.ndarray) -> np.ndarray:
        middle, side, axes = region[:2], region[2], crops.axes(region[3])
        offset = (self._centres[frame] - middle) @ axes
        away = np.linalg.norm(offset, axis=-1)
        inside = (np.abs(offset) < side / 2).all(-1)
        there = inside & (self._presence[frame] > _PRESENT)
        if not there.any():
            return np.column_stack((np.tile(middle, (17, 1)), np.full(17, _NOTHING)))
        prominence = self._presence[frame] / (away / side * _MAP + _CENTRE_PRIOR)
        person = np.where(there, prominence, 0).argmax()
        seen = self._seen[frame, person].copy()
        local = (seen[:, :2] - middle) @ axes
        seen[(np.abs(local) > side / 2).any(-1), 2] = _NOTHING
        seen[:, :2] = local.clip(-side / 2, side / 2) @ axes.T + middle
        seen[:, 2] *= min(self._sizes[frame, person] / side / _BLUR, 1)
        return seen
