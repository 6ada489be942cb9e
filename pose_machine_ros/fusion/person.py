# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""State of one person over time, as several cameras see them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
import math
from typing import NamedTuple

import numpy as np

from pose_machine_ros.fusion import solver
from pose_machine_ros.fusion.sighting import Sighting
from pose_machine_ros.fusion.trajectory import Trajectory
from pose_machine_ros.pose import Skeleton

TOGETHER_NS = 45_000_000  # images of a set: their stamps differ by less
FRESH_NS = 250_000_000  # a camera whose newest image is older is not waited for
_PLACED_NS = 150_000_000  # a person's distance stays known for so long
_ALONE_NS = 500_000_000  # after which the result of a single camera has lost the distance
_KEPT_SECONDS = 0.4  # in which what other cameras said of a camera's pose falls to 1 / e
_ALONE = 16.0  # factor on the information of a pose that is the only one, or that others corrected


class Correction(NamedTuple):
    """How far a camera's own pose was from the fused one, while other cameras saw the person."""

    stamp_ns: int
    difference: np.ndarray  # (17, 3) metres


class FusedPerson:
    """One person in the world: the newest sightings of each camera, and the results so far.

    `trajectory` ends at the newest stamp for which all cameras that see the person have an image.
    If a camera lags behind the others, the newest result is computed from there, for one time only.
    """

    def __init__(self, identity: str) -> None:
        self.id = identity
        self.trajectory = Trajectory()
        self.newest = self.trajectory  # with the newest result at its end
        self.lengths = np.zeros(solver.BONES)  # of bones, for a stature of 1 m: mean of all poses
        self.fused_cameras: frozenset[str] = frozenset()  # of the newest result in `trajectory`
        self.shared_ns: int | None = None  # newest stamp at which several cameras saw the person
        self.skeleton: Skeleton | None = None  # the newest one that was reported while seen
        self.is_doubtful = False  # whether the newest result fits few of the keypoints
        self.bound: dict[str, str] = {}  # the person's newest id in each camera
        self._poses = 0
        self._sightings: dict[str, deque[Sighting]] = {}  # by camera, newest last
        self._corrections: dict[str, Correction] = {}

    @property
    def stamp_ns(self) -> int:
        """Return the stamp of the newest sighting; there must be one."""
        return max(s[-1].stamp_ns for s in self._sightings.values())

    @property
    def cameras(self) -> tuple[str, ...]:
        """Return the names of the cameras that see the person."""
        return tuple(sorted(self._sightings))

    def is_placed(self, stamp_ns: int) -> bool:
        """Return whether several cameras have told at about this stamp where the person is."""
        return self.shared_ns is not None and stamp_ns - self.shared_ns < _PLACED_NS

    def expected(self, stamp_ns: int) -> np.ndarray:
        """Return the expected joints (17, 3) at a stamp, metres."""
        if self.newest.stamps_ns:
            return self.newest.positions_at(stamp_ns)
        return self.newest_sightings()[0].xyz

    def newest_sightings(self) -> list[Sighting]:
        """Return the newest sighting of each camera that sees the person."""
        return [self._sightings[camera][-1] for camera in self.cameras]

    def add(self, sighting: Sighting) -> None:
        """Take a sighting; stamps of a camera must increase."""
        sightings = self._sightings.setdefault(sighting.camera, deque())
        sightings.append(sighting)
        while sightings[0].stamp_ns < sighting.stamp_ns - FRESH_NS - TOGETHER_NS:
            sightings.popleft()
        self.bound[sighting.camera] = sighting.skeleton.id
        if sighting.known.all():
            self._poses += 1
            lengths = solver.bone_lengths(sighting.xyz) / sighting.stature
            self.lengths = self.lengths + (lengths - self.lengths) / self._poses

    def prepare(self, sightings: Sequence[Sighting]) -> None:
        """Forget the results if the next one, of these sightings, does not continue them.

        One camera does not know the distance: the change to where several see the person is no
        motion.
        """
        stamp = max(s.stamp_ns for s in sightings)
        is_first = self.shared_ns is None or stamp - self.shared_ns > _ALONE_NS
        if self.is_doubtful or (is_first and len(sightings) > 1):
            self.trajectory = self.newest = Trajectory()
            self.fused_cameras = frozenset()
            self.is_doubtful = False

    def remove(self, camera: str) -> None:
        """Forget the sightings of a camera, which does not see the person any more."""
        self._sightings.pop(camera, None)

    def take_over(self, other: FusedPerson) -> None:
        """Take the sightings of another one, who is the same person."""
        for camera, sightings in other._sightings.items():
            for sighting in sightings:
                self.add(sighting)

    def forget_before(self, stamp_ns: int) -> None:
        """Forget the cameras without a sighting since a stamp."""
        for camera in self.cameras:
            if self._sightings[camera][-1].stamp_ns < stamp_ns:
                self.remove(camera)

    def due(self) -> list[Sighting] | None:
        """Return the newest sightings of all cameras at about one time; None if they were used."""
        oldest = min(s[-1].stamp_ns for s in self._sightings.values())
        near = [min(self._sightings[camera], key=lambda s: (abs(s.stamp_ns - oldest), -s.stamp_ns))
                for camera in self.cameras]
        chosen = [s for s in near if s.stamp_ns < oldest + TOGETHER_NS]
        stamp = max(s.stamp_ns for s in chosen)
        stamps = self.trajectory.stamps_ns
        return None if stamps and stamp <= stamps[-1] else chosen

    def ahead(self) -> list[Sighting] | None:
        """Return the sightings newer than the trajectory, corrected; None if there are none."""
        stamp = self.stamp_ns
        if self.trajectory.stamps_ns and stamp <= self.trajectory.stamps_ns[-1]:
            return None
        return [self.corrected(s) for s in self.newest_sightings()
                if s.stamp_ns > stamp - TOGETHER_NS]

    def corrected(self, sighting: Sighting) -> Sighting:
        """Return a sighting moved by what other cameras said of this camera's poses before.

        The errors of a camera's own poses change slowly.
        """
        sighting = replace(sighting, information=sighting.information * _ALONE)
        correction = self._corrections.get(sighting.camera)
        if correction is None or not self.trajectory.stamps_ns:
            return sighting
        seconds = (sighting.stamp_ns - correction.stamp_ns) * 1e-9
        stature = float(self.trajectory.unknowns[-1])
        moved = correction.difference * math.exp(-abs(seconds) / _KEPT_SECONDS)
        return replace(sighting, xyz=sighting.scaled(stature) + moved, size=stature)

    def note_result(self, sightings: Sequence[Sighting]) -> None:
        """Keep how far the poses of `sightings` are from the result that they led to."""
        self.fused_cameras = frozenset(s.camera for s in sightings)
        if len(sightings) == 1:
            return
        self.shared_ns = self.trajectory.stamps_ns[-1]
        unknowns = self.trajectory.unknowns
        xyz = unknowns[:-1].reshape(-1, 3)
        for seen in sightings:
            self._corrections[seen.camera] = Correction(
                seen.stamp_ns, (xyz - seen.scaled(unknowns[-1])) * seen.known[:, None])
