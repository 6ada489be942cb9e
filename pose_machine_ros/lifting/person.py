# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""State of one person over time: stamps, size and newest skeleton."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from pose_machine_ros.correction import trajectory
from pose_machine_ros.correction.scale import PersonScale
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.short_states import ShortStates
from pose_machine_ros.pose import Skeleton, unseen_rays

_WALKING_SPEED = 1.0  # m/s: standard deviation of the position of an unseen person, per second
_WALKING_ACCELERATION = 2.0  # m/s^2: the same of the velocity
_FADING_SECONDS = 0.3  # in which the scores of an unseen person fall to 1 / e


class LiftedPerson:
    """One person over time; what is kept on the device is in row `row` of PeopleStates."""

    def __init__(self, row: int, scale: PersonScale) -> None:
        self.row = row
        self.scale = scale
        self.restart()

    def restart(self) -> None:
        """Start again as a person without frames; the row on the device has to be cleared too."""
        self.skeleton: Skeleton | None = None  # of the newest frame
        self._stamps_ns: deque[int] = deque(maxlen=trajectory.MEMORY)
        self._frames = 0
        self._corrected = 0  # newest frames in the trajectory with a covariance
        self._short_states = ShortStates()
        self.size_by_depth: PersonScale | None = None  # in the newest frame, if depth was measured
        self.slope_fit = trajectory.SlopeFit(0.0, 0.0)  # of the newest velocity

    @property
    def has_depth(self) -> bool:
        """Whether depth was measured in the newest frame."""
        return self.size_by_depth is not None

    @property
    def size(self) -> PersonScale:
        """Return the size that belongs to the positions of the newest frame."""
        return self.size_by_depth or self.scale

    def time_step(self, stamp_ns: int) -> float:
        """Return the seconds from the newest frame to `stamp_ns`, 0 if there is none."""
        return (stamp_ns - self._stamps_ns[-1]) * 1e-9 if self._stamps_ns else 0.0

    def next_frame(self, stamp_ns: int, config: LiftingConfig) -> list[float]:
        """Count the frame at `stamp_ns`; return the person's row of its `Schedule`."""
        time_step = self.time_step(stamp_ns)
        self._stamps_ns.append(stamp_ns)
        self._frames += 1
        ages = [(stamp_ns - past) * 1e-9 for past in reversed(self._stamps_ns)]
        steps = [older - newer for newer, older in zip(ages, ages[1:])][:min(self._corrected, 2)]
        motion = trajectory.motion_coefficients(steps, config.geometric.acceleration_sigma)
        self._corrected = self._corrected + 1 if config.correction == 'geometric' else 0
        shares, keep = self._short_states.next_frame()
        slope = trajectory.slope_weights(ages)
        self.slope_fit = trajectory.slope_fit(ages)
        return [time_step, 1 / self._frames, *motion, *shares, *keep, *slope]


def extrapolate(skeleton: Skeleton, seconds: float, **changes: object) -> Skeleton:
    """Return the skeleton of a person unseen for `seconds`: same pose, less and less certain.

    `changes` are other fields to replace.
    """
    moved, turned = ((x * seconds) ** 2 * np.eye(3, dtype=np.float32)
                     for x in (_WALKING_SPEED, _WALKING_ACCELERATION))
    fading = np.float32(np.exp(-seconds / _FADING_SECONDS))
    spread = skeleton.velocity_covariance
    return replace(
        skeleton, covariance=skeleton.covariance + moved,
        velocity_covariance=None if spread is None else spread + turned, rays=unseen_rays(),
        joint_scores=skeleton.joint_scores * fading, score=float(skeleton.score * fading),
        reprojection_px=float('nan'), correction_m=0.0, **changes)
