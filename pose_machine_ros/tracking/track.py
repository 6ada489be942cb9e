# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One person in the image over time: last keypoints, velocity and growth."""

from __future__ import annotations

import math

import numpy as np

from pose_machine_ros.pose import Appearance, Motion, Person2D, TrackingState, unseen_keypoints
from pose_machine_ros.tracking.bounding_box import bounding_box, SEEN_SCORE

_SMOOTHING = 0.15  # seconds over which the velocity is averaged
_FADING = 1.2  # seconds in which the velocity of an unseen person falls to 1 / e
_REMEMBERING = 0.5  # seconds in which the score of an unseen keypoint falls to 1 / e
_MIN_KEYPOINTS = 4  # seen in both frames; with fewer, the motion is not estimated
_MAX_GROWTH = 2.0  # 1/s: no person approaches faster


class Track:
    """A person with constant velocity and growth in the image, which fade while unseen."""

    def __init__(self, identity: str, keypoints: np.ndarray, stamp_ns: int,
                 appearance: Appearance | None = None) -> None:
        """Start with the keypoints (17, 3) of the first frame."""
        self.id = identity
        self.keypoints = self._seen = keypoints  # last seen, or extrapolated
        self.seen_ns = stamp_ns
        self._appearance = appearance  # when last seen
        self._is_new = True
        self._velocity = np.zeros(2)  # px/s of the centre
        self._growth = 0.0  # 1/s of the logarithm of the size

    def seconds_unseen(self, stamp_ns: int) -> float:
        """Return the seconds since the person was last seen."""
        return (stamp_ns - self.seen_ns) * 1e-9

    def predict(self, stamp_ns: int, motion: Motion | None = None) -> np.ndarray:
        """Return the expected keypoints (17, 3) at `stamp_ns`.

        They follow the motion in the image, or the mean of that and `motion` if it is given.
        """
        seconds = _FADING * (1 - math.exp(-self.seconds_unseen(stamp_ns) / _FADING))
        growth, shift = math.exp(self._growth * seconds), self._velocity * seconds
        if motion is not None:
            growth, shift = (growth + motion.growth) / 2, (shift + motion.shift) / 2
        middle = bounding_box(self.keypoints).reshape(2, 2).mean(0)
        expected = self.keypoints.copy()
        expected[:, :2] = (expected[:, :2] - middle) * growth + middle + shift
        return expected

    def update(self, seen: np.ndarray, stamp_ns: int, appearance: Appearance | None = None
               ) -> None:
        """Update the track with the keypoints (17, 3) seen in a frame.

        Unseen keypoints move along with the others for a while, so that the bounding box of a
        person of whom only a foot is seen does not shrink to the foot.
        """
        seconds = self.seconds_unseen(stamp_ns)
        is_seen = seen[:, 2] >= SEEN_SCORE
        both = is_seen & (self.keypoints[:, 2] >= SEEN_SCORE)
        moved_on = self.predict(stamp_ns)
        moved_on[:, 2] *= math.exp(-seconds / _REMEMBERING)
        if both.any():
            moved_on[:, :2] += np.median(seen[both, :2] - moved_on[both, :2], 0)
        if seconds > 0 and both.sum() >= _MIN_KEYPOINTS:
            before, now = self.keypoints[both, :2], seen[both, :2]
            moved = np.median(now - before, 0) / seconds
            spread, was = (np.sqrt(x.var(0).sum()) for x in (now, before))
            growth = math.log(max(spread, 1) / max(was, 1)) / seconds
            share = 1 - math.exp(-seconds / _SMOOTHING)
            self._velocity += share * (moved - self._velocity)
            self._growth += share * (growth - self._growth)
            self._growth = min(max(self._growth, -_MAX_GROWTH), _MAX_GROWTH)
        self._seen, self.seen_ns, self._appearance = seen, stamp_ns, appearance
        self.keypoints = np.where(is_seen[:, None] | (moved_on[:, 2:] < SEEN_SCORE), seen, moved_on)

    def person(self, stamp_ns: int, max_age: float) -> Person2D:
        """Return the person in this frame: LOST if unseen for more than `max_age` seconds."""
        unseen = self.seconds_unseen(stamp_ns)
        if unseen > max_age:
            state = TrackingState.LOST
        elif unseen > 0:
            state = TrackingState.PREDICTED
        else:
            state = TrackingState.NEW if self._is_new else TrackingState.TRACKED
        self._is_new = False
        if unseen > 0:
            return self._unseen_person(state, self.predict(stamp_ns))
        return Person2D(
            self.id, state, self._seen, bounding_box(self._seen), self._appearance)

    def lost_person(self) -> Person2D:
        """Return the person as LOST, at the last position seen."""
        return self._unseen_person(TrackingState.LOST, self._seen)

    def _unseen_person(self, state: TrackingState, keypoints: np.ndarray) -> Person2D:
        """Return the person without keypoints, with the bounding box of `keypoints` (17, 3)."""
        return Person2D(self.id, state, unseen_keypoints(), bounding_box(keypoints))
