# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Who is who among people whom another detector found."""

from __future__ import annotations

import itertools

import numpy as np

from pose_machine_ros.tracking.association import associate
from pose_machine_ros.tracking.bounding_box import SEEN_SCORE
from pose_machine_ros.tracking.track import Track

_MAX_AGE = 1.0  # seconds, as TrackingConfig.max_age


class PeopleFollower:
    """Names people p1, p2 and so on, by where they are in the picture.

    Call `step` with every frame, oldest first. Ids are never used again.
    """

    def __init__(self) -> None:
        """Know nobody."""
        self._tracks: list[Track] = []
        self._ids = map('p{}'.format, itertools.count(1))

    def step(self, seen: list[np.ndarray], stamp_ns: int) -> list[str]:
        """Return the ids of the people seen: keypoints (17, 3) COCO-17, NaN where unseen.

        Everybody in `seen` needs a keypoint that is seen. Who is not seen for a second is
        forgotten.
        """
        self._tracks = [t for t in self._tracks if t.unseen(stamp_ns) <= _MAX_AGE]
        seen = [_complete(k) for k in seen]
        pairs = associate([t.predict(stamp_ns) for t in self._tracks],
                          np.array([t.unseen(stamp_ns) for t in self._tracks]), seen)
        known = {j: self._tracks[i] for i, j in pairs}
        for j, keypoints in enumerate(seen):
            if j in known:
                known[j].update(keypoints, stamp_ns)
            else:
                known[j] = Track(next(self._ids), keypoints, stamp_ns)
                self._tracks.append(known[j])
        return [known[j].id for j in range(len(seen))]


def _complete(keypoints: np.ndarray) -> np.ndarray:
    """Let all keypoints that are seen count, whatever the detector's scores are like."""
    complete = keypoints.copy()
    is_seen = complete[:, 2] > 0
    complete[is_seen, 2] = complete[is_seen, 2].clip(SEEN_SCORE, None)
    complete[~is_seen, :2] = complete[is_seen, :2].mean(0)
    return complete
