# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the past says of a person: a fading-memory Kalman filter of positions and stature.

As in `correction.trajectory`, the state is the joint Gaussian of the newest two results. The
acceleration of every joint has zero mean, so both predict the next one. The covariance of the past
grows with time: errors of neighbouring views are correlated, and the filter takes them for
independent.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from pose_machine_ros.correction.trajectory import slope_fit, SlopeFit
from pose_machine_ros.fusion.config import FusionConfig
from pose_machine_ros.fusion.solver import JOINTS, SIZE

STATURE_SECONDS = 2.0  # in which the weight of what is known of the stature falls to 1 / e
_MEMORY = 5  # results whose slope is the velocity
_UNKNOWN = 100.0  # metres: standard deviation of a prediction from a single result
_STOPPING_SECONDS = 0.6  # in which the velocity of an unseen person falls to 1 / e
_SHORTEST_STEP = 1e-3  # seconds
_LONGEST_FADING = 10.0  # exponent
_IS_POSITION = np.arange(SIZE) < 3 * JOINTS


class Prediction(NamedTuple):
    """What a trajectory expects at a stamp, and what is needed to update it."""

    mean: np.ndarray  # (52,) positions and stature
    information: np.ndarray  # (52, 52)
    with_newest: np.ndarray  # (52, 52) covariance of the newest result (rows) with the next one
    newest: np.ndarray  # (52, 52) covariance of the newest result after fading


class Trajectory:
    """The newest results of one person."""

    def __init__(self) -> None:
        """Start without results."""
        self.stamps_ns: deque[int] = deque(maxlen=_MEMORY)  # newest last
        self.velocity = np.zeros(3 * JOINTS)  # m/s
        self._results: deque[np.ndarray] = deque(maxlen=_MEMORY)
        self._covariance = np.zeros((3, SIZE, SIZE))  # newest, newest with older, older

    @property
    def unknowns(self) -> np.ndarray:
        """Return the newest result (52,): positions and stature, metres."""
        return self._results[-1]

    @property
    def covariance(self) -> np.ndarray:
        """Return that of the newest result, (52, 52)."""
        return self._covariance[0]

    def joint_covariances(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the covariance (17, 3, 3) of each joint, and the part of it due to the stature."""
        rows = np.arange(3 * JOINTS).reshape(JOINTS, 3)
        by_stature = self.covariance[rows, -1]
        return (self.covariance[rows[:, :, None], rows[:, None]],
                by_stature[:, :, None] * by_stature[:, None] / self.covariance[-1, -1])

    def slope_fit(self) -> SlopeFit:
        """Return what the ages of the results tell about the error of `velocity`."""
        return slope_fit([(self.stamps_ns[-1] - s) * 1e-9 for s in reversed(self.stamps_ns)])

    def copy(self) -> Trajectory:
        """Return a copy that goes its own way."""
        other = Trajectory()
        other.stamps_ns, other.velocity = self.stamps_ns.copy(), self.velocity
        other._results, other._covariance = self._results.copy(), self._covariance.copy()
        return other

    def positions_at(self, stamp_ns: int) -> np.ndarray:
        """Return the expected joints (17, 3) at a stamp, metres; there must be a result."""
        seconds = (stamp_ns - self.stamps_ns[-1]) * 1e-9
        fading = _STOPPING_SECONDS * -np.expm1(-max(seconds, 0.0) / _STOPPING_SECONDS) \
            + min(seconds, 0.0)
        return (self.unknowns[:-1] + self.velocity * fading).reshape(-1, 3)

    def seconds(self, stamp_ns: int) -> float:
        """Return the time since the newest result, at least 1 ms."""
        return max((stamp_ns - self.stamps_ns[-1]) * 1e-9, _SHORTEST_STEP)

    def predict(self, stamp_ns: int, config: FusionConfig) -> Prediction:
        """Return what is expected at a stamp; there must be a result."""
        after = self.seconds(stamp_ns)
        if len(self.stamps_ns) < 2:
            ratio, sigma = 0.0, _UNKNOWN
        else:
            before = max((self.stamps_ns[-1] - self.stamps_ns[-2]) * 1e-9, _SHORTEST_STEP)
            ratio = after / before
            sigma = after * (before + after) / 2 * config.acceleration_sigma
        memory = np.where(_IS_POSITION, config.memory, STATURE_SECONDS)
        growth = np.exp(np.minimum(after / memory, _LONGEST_FADING) / 2)
        newest, across, older = self._covariance * growth[:, None] * growth
        # The next position is a combination of the newest two, the next stature is the newest
        ratio = ratio * _IS_POSITION
        with_newest = newest * (1 + ratio) - across * ratio
        with_older = across.T * (1 + ratio) - older * ratio
        covariance = (1 + ratio)[:, None] * with_newest - ratio[:, None] * with_older
        covariance[np.diag_indices(SIZE)] += sigma ** 2 * _IS_POSITION + 1e-9
        before = self._results[-2] if len(self._results) > 1 else self._results[-1]
        mean = self._results[-1] * (1 + ratio) - before * ratio
        return Prediction(mean, np.linalg.inv(covariance), with_newest, newest)

    def add(self, stamp_ns: int, unknowns: np.ndarray, covariance: np.ndarray,
            past: Prediction | None) -> None:
        """Add a result (52,) with its covariance (52, 52); `past` is None for the first one.

        The result before is corrected too, by what the new one says of it.
        """
        if past is not None:
            gain = past.with_newest @ past.information
            self._results[-1] = self._results[-1] + gain @ (unknowns - past.mean)
            across = covariance @ gain.T
            self._covariance = np.stack((
                covariance, across, past.newest + gain @ (across - past.with_newest.T)))
        else:
            self._covariance[0] = covariance
        self._results.append(unknowns)
        self.stamps_ns.append(stamp_ns)
        self.velocity = self._slope()

    def _slope(self) -> np.ndarray:
        """Return the slope (51,) of a line through the newest positions, m/s; 0 for one result."""
        times = (np.array(self.stamps_ns) - self.stamps_ns[-1]) * 1e-9
        times = times - times.mean()
        total = (times ** 2).sum()
        if not total:
            return np.zeros(3 * JOINTS)
        return times / total @ np.array(self._results)[:, :-1]
