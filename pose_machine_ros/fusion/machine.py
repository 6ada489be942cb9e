# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The fusion of several cameras: views in, one skeleton a person out, without ROS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import itertools
import math

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.fusion.assembly import assemble, lost, predicted
from pose_machine_ros.fusion.association import associate, RAY_SIGMA, squared_distances
from pose_machine_ros.fusion.config import FusionConfig
from pose_machine_ros.fusion.estimate import extend, Task
from pose_machine_ros.fusion.person import FRESH_NS, FusedPerson
from pose_machine_ros.fusion.residuals import CameraResiduals
from pose_machine_ros.fusion.sighting import Sighting, sightings_of
from pose_machine_ros.fusion.view import View
from pose_machine_ros.pose import Skeleton

_MERGE_DISTANCE = 4.0  # squared sigma
_WRONG_VIEWS = 8  # in which a camera may take a known person for another one
_STRANGER = 1.0  # metres: the person beside someone is somebody else
_MERGE_ROUNDS = 8  # in which two people have to be that near to be one


@dataclass(frozen=True)
class FusedSkeleton:
    """One person in the world frame, and who sees them."""

    skeleton: Skeleton  # space WORLD_METRIC; keypoints, rays and box are those of an unseen person
    seen_by: tuple[str, ...]  # names of the cameras that see the person, in this or a recent view


class FusedPoseMachine:
    """Turns the views of several cameras into one skeleton a person.

    The machine has state: call `step` with the views of every round, as `Rounds` collects them.
    `reset` forgets all people, and the next step reports them as LOST; their ids are not reused.
    """

    def __init__(self, config: FusionConfig = FusionConfig(),
                 ids: Iterator[str] | None = None) -> None:
        """Start without people; new ones get their ids from `ids`."""
        self.config = config  # may be replaced at any time
        self._ids = ids or map('p{}'.format, itertools.count(1))
        self._people: list[FusedPerson] = []
        self._lost: list[FusedPerson] = []  # to be reported
        self._near: dict[tuple[str, str], int] = {}  # rounds in which two people were one place
        self._unmatched: dict[tuple[str, str], int] = {}  # views, by camera and id in it
        self._residuals = CameraResiduals()
        self._stamps: dict[str, int] = {}  # newest, by camera

    def reset(self) -> None:
        """Forget all people."""
        self._lost += self._people
        self._people = []
        self._near.clear()
        self._unmatched.clear()
        self._stamps.clear()
        self._residuals.reset()

    def residuals(self) -> dict[str, float]:
        """Return the mean reprojection error of each camera in the last seconds, in sigma, by name.

        Of people whom other cameras see too. A camera whose error alone is large is not where its
        pose says.
        """
        return self._residuals.means()

    def step(self, views: Sequence[View]) -> list[FusedSkeleton]:
        """Return all people at the newest stamp of `views`, in the world, metres.

        `views` are at most one of each camera, new since the last step. They need not have the same
        stamp: a person's pose is computed for the newest stamp of the cameras that see them. People
        whom nobody sees are predicted, and LOST once when they are given up. Raises InputError for
        no views, two of one camera, and a stamp that does not increase.
        """
        self._check(views)
        for view in sorted(views, key=lambda v: v.stamp_ns):
            self._stamps[view.camera] = view.stamp_ns
            self._match(view)
        now = max(self._stamps.values())
        for person in self._people:
            person.forget_before(now - FRESH_NS)
        # A camera that is behind the others may bring somebody who is gone by now
        self._people = [p for p in self._people if p.cameras or p.skeleton is not None]
        self._merge(now)
        seen = [p for p in self._people if p.cameras]
        self._estimate(seen)
        return self._report(now)

    def _check(self, views: Sequence[View]) -> None:
        names = [view.camera for view in views]
        if not names:
            raise InputError('there is no view; give at least one')
        if twice := [name for name in names if names.count(name) > 1]:
            raise InputError(f'two views are of the camera {twice[0]!r}; give the newest one')
        for view in views:
            if view.stamp_ns <= self._stamps.get(view.camera, view.stamp_ns - 1):
                raise InputError(f'the stamp of camera {view.camera!r} does not increase: '
                                 f'{view.stamp_ns} after {self._stamps[view.camera]}; reset first')

    def _match(self, view: View) -> None:
        """Give the people of a view to those in the world, or add them."""
        sightings = sightings_of(view)
        present = {s.skeleton.id for s in sightings}
        self._unmatched = {key: count for key, count in self._unmatched.items()
                           if key[0] != view.camera or key[1] in present}
        known = list(self._people)
        expected = [p.expected(view.stamp_ns) for p in known]
        matches = associate(known, sightings, expected)
        self._note_strangers(view.camera, known, sightings, expected, matches)
        for index, person in enumerate(known):
            if index not in matches:
                person.remove(view.camera)
        for sighting, index in zip(sightings, matches):
            key = view.camera, sighting.skeleton.id
            if index is not None:
                self._unmatched.pop(key, None)
                known[index].add(sighting)
            elif self._is_new(key, known):
                self._people.append(FusedPerson(next(self._ids)))
                self._people[-1].add(sighting)

    def _note_strangers(self, camera: str, known: list[FusedPerson], sightings: list[Sighting],
                        expected: list[np.ndarray], matches: list[int | None]) -> None:
        """Take a camera's sightings of people near those of others as its reprojection errors.

        If a camera is not where its pose says, it sees nobody whom the others see.
        """
        if any(i is not None and set(known[i].cameras) - {camera} for i in matches):
            return
        others = [i for i, p in enumerate(known) if i not in matches and p.cameras]
        if not others or not sightings:
            return
        distances = squared_distances([known[i] for i in others], sightings,
                                      [expected[i] for i in others])
        nearest = math.sqrt(distances.min()) * RAY_SIGMA
        if nearest < _STRANGER:
            self._residuals.add_value(camera, nearest / self.config.keypoint_sigma)

    def _is_new(self, key: tuple[str, str], known: list[FusedPerson]) -> bool:
        """Return whether a sighting that fits nobody is a new person.

        If it was somebody known before, its keypoints are probably wrong for a while.
        """
        camera, identity = key
        if all(p.bound.get(camera) != identity for p in known):
            return True
        self._unmatched[key] = self._unmatched.get(key, 0) + 1
        return self._unmatched[key] > _WRONG_VIEWS

    def _merge(self, now: int) -> None:
        """Make one person of two who are in one place, and whom no camera sees as two."""
        near = {}
        for older, younger in itertools.combinations(self._people, 2):
            if not younger.cameras or set(older.cameras) & set(younger.cameras):
                continue
            distances = squared_distances(
                [older], younger.newest_sightings(), [older.expected(now)])
            if distances.max() < _MERGE_DISTANCE:
                near[older.id, younger.id] = self._near.get((older.id, younger.id), 0) + 1
        self._near = near
        for pair, rounds in near.items():
            people = [p for p in self._people if p.id in pair]  # the older one first
            if rounds < _MERGE_ROUNDS or len(people) < 2 \
                    or set(people[0].cameras) & set(people[1].cameras):
                continue
            keep, drop = sorted(people, key=lambda p: not p.is_placed(now))
            keep.take_over(drop)
            self._people.remove(drop)
            self._lost.append(drop)

    def _estimate(self, seen: list[FusedPerson]) -> None:
        due = []
        for person in seen:
            if sightings := person.due():
                person.prepare(sightings)
                due.append(Task(person, person.trajectory, sightings))
        if due:
            errors = extend([task.corrected() for task in due], self.config)
            for task in due:
                task.person.note_result(task.sightings)
                self._residuals.add(task.sightings, errors[task.person.id])
                task.person.is_doubtful = self._is_doubtful(task, errors[task.person.id])
        ahead = []
        for person in seen:
            person.newest = person.trajectory
            if sightings := person.ahead():
                person.newest = person.trajectory.copy()
                ahead.append(Task(person, person.newest, sightings))
        if ahead:
            extend(ahead, self.config)

    def _is_doubtful(self, task: Task, errors: np.ndarray) -> bool:
        """Return whether a result of several cameras fits few of the keypoints (C, 13)."""
        weights = np.array([s.weights for s in task.sightings])
        return len(weights) > 1 and np.median(errors[weights > 0]) > self.config.robust_scale

    def _report(self, now: int) -> list[FusedSkeleton]:
        result = [FusedSkeleton(lost(p.skeleton), ()) for p in self._lost if p.skeleton is not None]
        self._lost = []
        seen = [p for p in self._people if p.cameras]
        for person, skeleton in zip(seen, assemble(seen)):
            person.skeleton = skeleton
        for person in list(self._people):
            skeleton = person.skeleton
            if not person.cameras:
                if now - person.newest.stamps_ns[-1] <= self.config.max_age * 1e9:
                    skeleton = predicted(person, now)
                else:
                    self._people.remove(person)
                    skeleton = lost(skeleton)
            result.append(FusedSkeleton(skeleton, person.cameras))
        return result
