# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons of the fusion: scores, uncertainty and state."""

from __future__ import annotations

from collections.abc import Sequence
import math

import numpy as np

from pose_machine_ros.fusion.person import FusedPerson
from pose_machine_ros.fusion.sighting import Sighting
from pose_machine_ros.lifting.person import extrapolate
from pose_machine_ros.lifting.uncertainty import probability_within, velocity_covariance
from pose_machine_ros.pose import Skeleton, Space, TrackingState, unseen_keypoints, unseen_rays
from pose_machine_ros.skeleton import HUMAN36M_17

_JOINTS = len(HUMAN36M_17)
_KEYPOINTS, _RAYS, _BOX = unseen_keypoints(), unseen_rays(), np.full(4, np.nan, np.float32)


def assemble(people: Sequence[FusedPerson]) -> list[Skeleton]:
    """Return the skeletons of people whom a camera sees."""
    if not people:
        return []
    sightings = [person.newest_sightings() for person in people]
    unknowns = np.array([person.newest.unknowns for person in people])
    xyz = unknowns[:, :-1].reshape(-1, _JOINTS, 3)
    velocity = np.array([p.newest.velocity for p in people]).reshape(-1, _JOINTS, 3)
    whole, by_stature = (np.array(part) for part in zip(
        *(person.newest.joint_covariances() for person in people)))
    of_pose = whole - by_stature
    sigma = np.sqrt([person.newest.covariance[-1, -1] for person in people])
    of_velocity = velocity_covariance(
        of_pose, velocity, sigma / unknowns[:, -1], [p.newest.slope_fit() for p in people],
        'geometric')
    support = np.array([np.max([s.support for s in seen], axis=0) for seen in sightings])
    scores = support * probability_within(of_pose)
    arrays = (part.astype(np.float32) for part in (xyz, whole, velocity, scores, of_velocity))
    return [
        Skeleton(
            person.id, TrackingState.NEW if person.skeleton is None else TrackingState.TRACKED,
            Space.WORLD_METRIC, position, covariance, speed, score,
            max(float(s.skeleton.score) for s in seen), _KEYPOINTS, _BOX, math.nan,
            _mean_distance(position, seen, size), _RAYS, float(size), float(deviation), turned)
        for person, seen, size, deviation, position, covariance, speed, score, turned in zip(
            people, sightings, unknowns[:, -1], sigma, *arrays)]


def _mean_distance(xyz: np.ndarray, seen: Sequence[Sighting], stature: float) -> float:
    """Return the mean distance of joints (17, 3), metres, to those that the cameras estimate."""
    known = np.array([s.known for s in seen])
    away = np.linalg.norm(np.array([s.scaled(stature) for s in seen]) - xyz, axis=-1)
    return float((away * known).sum() / known.sum())


def predicted(person: FusedPerson, stamp_ns: int) -> Skeleton:
    """Return the newest skeleton of a person whom no camera sees now, at a stamp."""
    seconds = (stamp_ns - person.newest.stamps_ns[-1]) * 1e-9
    return extrapolate(person.skeleton, seconds, state=TrackingState.PREDICTED)


def lost(skeleton: Skeleton) -> Skeleton:
    """Return the last skeleton of a person who is given up."""
    return extrapolate(skeleton, 0.0, state=TrackingState.LOST)
