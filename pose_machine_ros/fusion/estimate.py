# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The next result of people, from the sightings of each one."""

from __future__ import annotations

from collections.abc import Sequence
import math
from typing import NamedTuple

import numpy as np

from pose_machine_ros.fusion import solver
from pose_machine_ros.fusion.config import FusionConfig
from pose_machine_ros.fusion.person import FusedPerson
from pose_machine_ros.fusion.sighting import Sighting
from pose_machine_ros.fusion.solver import Evidence, SIZE
from pose_machine_ros.fusion.trajectory import Prediction, STATURE_SECONDS, Trajectory

_POSITIONS = SIZE - 1
_FIRST_TOLERANCES = (8.0, 4.0, 2.0, 1.0, 1.0, 1.0)  # of a new person, and of a new camera
_FIXED = 1e10  # 1 / m^2: information of a stature that is not estimated


class Task(NamedTuple):
    """A person, the trajectory to continue, and the sightings to do it with, one a camera."""

    person: FusedPerson
    trajectory: Trajectory
    sightings: Sequence[Sighting]

    @property
    def stamp_ns(self) -> int:
        """Return the stamp of the result."""
        return max(s.stamp_ns for s in self.sightings)

    def corrected(self) -> Task:
        """Return the task with the pose of the only camera as others corrected it before."""
        if len(self.sightings) > 1 or self.person.shared_ns is None:
            return self
        return self._replace(sightings=[self.person.corrected(s) for s in self.sightings])


def extend(tasks: Sequence[Task], config: FusionConfig) -> dict[str, np.ndarray]:
    """Add the next result to each trajectory.

    Returns the reprojection errors (C, 13) of each person's sightings by id, in standard deviations
    and 0 where unseen.
    """
    errors, unsolved = {}, []
    for task in tasks:
        if len(task.sightings) == 1 and task.person.shared_ns is None \
                and task.sightings[0].known.all():
            _take_single(task, config)
            errors[task.person.id] = np.zeros((1, 13))
        else:
            unsolved.append(task)
    if unsolved:
        errors |= _solve(unsolved, config)
    return errors


def _take_single(task: Task, config: FusionConfig) -> None:
    """Continue with the pose of the only camera as it is."""
    seen, = task.sightings
    past = _past(task, config)
    blocks = np.linalg.inv(seen.information)
    covariance = np.zeros((SIZE, SIZE))
    rows = np.arange(_POSITIONS).reshape(-1, 3)
    covariance[rows[:, :, None], rows[:, None]] = blocks
    covariance += _size_covariance(seen.xyz, seen.origin, seen.size, seen.stature_sigma ** 2)
    task.trajectory.add(task.stamp_ns, np.append(seen.xyz, seen.size), covariance, past)


def _solve(tasks: Sequence[Task], config: FusionConfig) -> dict[str, np.ndarray]:
    pasts = [_past(task, config) for task in tasks]
    seen = _evidence(tasks, pasts)
    is_new = any(seen.camera not in task.person.fused_cameras
                 for task in tasks for seen in task.sightings)
    solution = solver.solve(seen.past, seen, config,
                            _FIRST_TOLERANCES if is_new else (1.0,) * config.steps)
    for task, past, unknowns, covariance in zip(
            tasks, pasts, solution.unknowns, solution.covariance):
        if len(task.sightings) == 1:
            variance = _stature_variance(task, past)
            covariance = covariance + _size_covariance(
                unknowns[:-1].reshape(-1, 3), task.sightings[0].origin, unknowns[-1], variance)
        task.trajectory.add(task.stamp_ns, unknowns, covariance, past)
    return {task.person.id: errors[:len(task.sightings)]
            for task, errors in zip(tasks, solution.errors)}


def _past(task: Task, config: FusionConfig) -> Prediction | None:
    return task.trajectory.predict(task.stamp_ns, config) if task.trajectory.stamps_ns else None


def _evidence(tasks: Sequence[Task], pasts: Sequence[Prediction | None]) -> Evidence:
    """Return what is known of P people; cameras in any order, filled up with zeros."""
    people, cameras = len(tasks), max(len(task.sightings) for task in tasks)
    shape = (people, cameras)
    seen = Evidence(
        np.zeros((*shape, 3)), np.zeros((*shape, 13, 3)), np.zeros((*shape, 13)), np.zeros(shape),
        np.zeros((*shape, _POSITIONS)), np.zeros((*shape, solver.JOINTS, 3, 3)),
        *(np.zeros((people, n)) for n in (_POSITIONS, solver.BONES, SIZE)),
        np.zeros((people, SIZE, SIZE)), np.zeros((people, 2)))
    seen.rays[..., 2] = 1
    for i, (task, past) in enumerate(zip(tasks, pasts)):
        for j, view in enumerate(task.sightings):
            seen.origins[i, j], seen.rays[i, j] = view.origin, view.rays
            seen.weights[i, j] = view.weights
            seen.ages[i, j] = (task.stamp_ns - view.stamp_ns) * 1e-9
            seen.poses[i, j] = (view.xyz / view.size).ravel()
            seen.information[i, j] = view.information
        seen.velocity[i], seen.lengths[i] = task.trajectory.velocity, task.person.lengths
        if past is None:
            best = max(task.sightings, key=lambda s: s.skeleton.score)
            middle = best.xyz[best.known].mean(0)
            seen.past[i] = np.append(np.where(best.known[:, None], best.xyz, middle), best.size)
        else:
            seen.past[i], seen.past_information[i] = past.mean, past.information
        # One camera cannot tell the size: what it seems to tell is the errors of the pose
        seen.stature[i] = (seen.past[i, -1], _FIXED) if len(task.sightings) == 1 \
            else _expected_stature(task)
    return seen


def _expected_stature(task: Task) -> tuple[float, float]:
    """Return the stature that the cameras expect, and how much this says now, 1 / m^2.

    What is known of the stature fades with time, and this takes its place at the same pace.
    """
    best = min(task.sightings, key=lambda s: s.stature_sigma / s.stature)
    share = 1.0
    if task.trajectory.stamps_ns:
        share = -math.expm1(-task.trajectory.seconds(task.stamp_ns) / STATURE_SECONDS)
    return best.stature, share / best.stature_sigma ** 2


def _stature_variance(task: Task, past: Prediction | None) -> float:
    """Return the variance of the stature of a person whom one camera sees."""
    _, information = _expected_stature(task)
    if past is None:
        return 1 / information
    seconds = task.trajectory.seconds(task.stamp_ns)
    known = task.trajectory.covariance[-1, -1] * math.exp(seconds / STATURE_SECONDS)
    return 1 / (1 / known + information)


def _size_covariance(xyz: np.ndarray, origin: np.ndarray, stature: float,
                     variance: float) -> np.ndarray:
    """Return the covariance (52, 52) that the unknown size adds to a pose seen from `origin`.

    A person at `xyz` (17, 3) who is larger is further away.
    """
    change = np.append((xyz - origin) / stature, 1)
    return change[:, None] * change * variance
