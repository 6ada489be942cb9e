# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What C cameras see of all people at common times: the input of the bundle adjustment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pose_machine_ros.rig_calibration.people import Person
from pose_machine_ros.rig_calibration.resampling import joints_at, rays_at
from pose_machine_ros.rig_calibration.tracks import JOINTS

_STEP = 0.1  # seconds
_MAX_TIMES = 900  # of all people together; of longer recordings fewer times a second are used


@dataclass(frozen=True)
class Observations:
    """Rays of N moments; a moment is one person at one time."""

    directions: np.ndarray  # (C, N, J, 3) unit length, optical frame of each camera
    rates: np.ndarray  # (C, N, J, 3) change of the direction in a second
    scores: np.ndarray  # (C, N, J), 0 where unseen


class Moments:
    """The N moments at which people are seen by at least two cameras.

    People without such a moment are left out: nothing tells the lengths of their bones.
    """

    def __init__(self, count: int, people: list[Person], offsets: np.ndarray) -> None:
        """Choose the times, by the clock of the first camera; `offsets` (C,) are approximate."""
        self._count, self._people = count, people
        total = sum(np.ptp(_ends(p, offsets)) for p in people)
        step = max(_STEP, total / _MAX_TIMES)
        grids = [np.arange(*_ends(p, offsets), step) for p in people]
        self.times = np.concatenate(grids)  # (N,) seconds
        self.person = np.repeat(np.arange(len(people)), [len(g) for g in grids])  # (N,)
        seen = (self.observe(offsets).scores > 0).any(-1).sum(0) > 1
        self.times = self.times[seen]
        kept, self.person = np.unique(self.person[seen], return_inverse=True)
        self._people = [people[number] for number in kept]

    @property
    def people(self) -> int:
        """Return the number of people; those of the moments are numbered from 0."""
        return len(self._people)

    def __len__(self) -> int:
        return len(self.times)

    def observe(self, offsets: np.ndarray) -> Observations:
        """Return what the cameras see if `offsets` (C,) seconds are added to their stamps."""
        shape = (self._count, len(self), len(JOINTS))
        directions, rates = np.full((*shape, 3), np.nan), np.zeros((*shape, 3))
        scores = np.zeros(shape)
        for number, person in enumerate(self._people):
            rows = np.flatnonzero(self.person == number)
            for camera, track in person.tracks:
                rays = rays_at(track, self.times[rows] - offsets[camera])
                fresh = (rays.scores > 0) & (scores[camera, rows] == 0)
                for target, values in ((directions, rays.directions), (rates, rays.rates),
                                       (scores, rays.scores)):
                    target[camera, rows] = np.where(
                        fresh.reshape(fresh.shape + (1,) * (values.ndim - 2)), values,
                        target[camera, rows])
        return Observations(directions, rates, scores)

    def estimates(self, offsets: np.ndarray) -> np.ndarray:
        """Return the joints (C, N, J, 3) that each camera estimates alone; NaN where unseen."""
        joints = np.full((self._count, len(self), len(JOINTS), 3), np.nan)
        for number, person in enumerate(self._people):
            rows = np.flatnonzero(self.person == number)
            for camera, track in person.tracks:
                found = joints_at(track, self.times[rows] - offsets[camera])
                known = np.isfinite(joints[camera, rows])
                joints[camera, rows] = np.where(known, joints[camera, rows], found)
        return joints


def _ends(person: Person, offsets: np.ndarray) -> tuple[float, float]:
    """Return the first and last time at which two cameras may see the person."""
    starts = sorted(track.times[0] + offsets[c] for c, track in person.tracks)
    ends = sorted(track.times[-1] + offsets[c] for c, track in person.tracks)
    return starts[0], ends[-1]
