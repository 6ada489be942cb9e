# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Tracking of people whom another detector found."""

from __future__ import annotations

import itertools

import numpy as np

from pose_machine_ros.tracking.association import associate
from pose_machine_ros.tracking.bounding_box import SEEN_SCORE
from pose_machine_ros.tracking.config import TrackingConfig
from pose_machine_ros.tracking.track import Track


class PeopleFollower:
    """Gives people the ids p1, p2 and so on, by their position in the image.

    Call `update` with every frame, oldest first. Ids are never reused.
    """

    def __init__(self, max_age: float = TrackingConfig.max_age) -> None:
        """Start without people; a person not seen for `max_age` seconds is forgotten."""
        self._max_age = max_age
        self._tracks: list[Track] = []
        self._ids = map('p{}'.format, itertools.count(1))

    def update(self, seen: list[np.ndarray], stamp_ns: int) -> list[str]:
        """Return the ids of the people in a frame, in their order.

        `seen` are keypoints (17, 3) of each person, COCO-17: u and v in px, score; NaN, NaN, 0 for
        an unseen keypoint. Each person needs a keypoint that is seen.
        """
        self._tracks = [t for t in self._tracks if t.seconds_unseen(stamp_ns) <= self._max_age]
        seen = [_complete(k) for k in seen]
        pairs = associate([t.predict(stamp_ns) for t in self._tracks],
                          np.array([t.seconds_unseen(stamp_ns) for t in self._tracks]), seen)
        known = {j: self._tracks[i] for i, j in pairs}
        for j, keypoints in enumerate(seen):
            if j in known:
                known[j].update(keypoints, stamp_ns)
            else:
                known[j] = Track(next(self._ids), keypoints, stamp_ns)
                self._tracks.append(known[j])
        return [known[j].id for j in range(len(seen))]


def _complete(keypoints: np.ndarray) -> np.ndarray:
    """Return keypoints (17, 3) of which all count that are seen, and none is NaN.

    The scores of detectors differ in scale: those of seen keypoints are raised to SEEN_SCORE.
    """
    complete = keypoints.copy()
    is_seen = complete[:, 2] > 0
    complete[is_seen, 2] = complete[is_seen, 2].clip(SEEN_SCORE, None)
    complete[~is_seen, :2] = complete[is_seen, :2].mean(0)
    return complete
