# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Candidates: people whom a search found, until a crop of a frame confirms or refuses them."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.tracking.association import are_duplicates
from pose_machine_ros.tracking.bounding_box import confidence
from pose_machine_ros.tracking.multi_scale import DetectionPass

_MAX_AGE = 0.3  # seconds; people have moved too far from older candidates
_REMEMBERING = 2.0  # seconds for which a refused candidate is not tried again ...
_MORE_CONFIDENT = 0.1  # ... unless the detector has become more confident by this


class Candidates:
    """The candidates of the newest search, nearest first.

    They are tried in one frame after another, so that none takes much longer than the others.
    A refused candidate, such as a picture on a wall, is not tried again in each search.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all candidates, also those refused."""
        self.passes: list[DetectionPass] = []  # of the newest search
        self._waiting: list[np.ndarray] = []
        self._stamp_ns = 0  # of the frame that they were found in
        self._are_new = False
        self._refused: list[tuple[int, np.ndarray]] = []  # stamp, rough keypoints

    def replace(self, found: list[np.ndarray], stamp_ns: int, passes: list[DetectionPass]) -> None:
        """Replace all candidates by those found in the frame of `stamp_ns`: keypoints (17, 3)."""
        self._waiting, self._stamp_ns, self.passes = list(found), stamp_ns, passes
        self._are_new = True

    def age(self, stamp_ns: int) -> float:
        """Return the seconds from the frame that they were found in until `stamp_ns`."""
        return (stamp_ns - self._stamp_ns) * 1e-9

    def take(self, stamp_ns: int, count: int | None) -> list[np.ndarray]:
        """Return the next `count` candidates, or all of them if it is None, for this frame.

        Those that waited for more than 0.3 s are dropped. In the first frame after a search its
        first candidates are tried in any case: on a slow machine all of them are older.
        """
        if self.age(stamp_ns) > _MAX_AGE and not self._are_new:
            self._waiting = []
        self._are_new = False
        self._refused = [(at, k) for at, k in self._refused
                         if 0 <= stamp_ns - at <= _REMEMBERING * 1e9]
        worthwhile = [k for k in self._waiting if not self._was_refused(k)]
        taken = worthwhile[:count]
        self._waiting = worthwhile[len(taken):]
        return taken

    def refuse(self, candidate: np.ndarray, stamp_ns: int) -> None:
        """Remember that the crop at the candidate (17, 3) showed no person."""
        self._refused.append((stamp_ns, candidate))

    def _was_refused(self, candidate: np.ndarray) -> bool:
        return any(are_duplicates(candidate, k)
                   and confidence(candidate) < confidence(k) + _MORE_CONFIDENT
                   for _, k in self._refused)
