# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons of the fusion: scores, uncertainty and state."""

from __future__ import annotations

import math

import numpy as np

from pose_machine_ros.fusion.person import FusedPerson
from pose_machine_ros.lifting.person import extrapolate
from pose_machine_ros.lifting.uncertainty import keypoint_support, probability_within
from pose_machine_ros.pose import Skeleton, Space, TrackingState, unseen_keypoints
from pose_machine_ros.skeleton import HUMAN36M_17

_JOINTS = len(HUMAN36M_17)
_BOX = np.full(4, np.nan, np.float32)
# On the standard deviations of people whom several cameras see: the solver takes the errors of
# neighbouring views for independent. With it, 68 and 95 % of held-out motion lie within one and two
# standard deviations; see docs/evaluation.md.
_SIGMA_FACTOR = 1.0


def assemble(person: FusedPerson) -> Skeleton:
    """Return the skeleton of a person whom a camera sees."""
    trajectory, sightings = person.newest, person.newest_sightings()
    unknowns = trajectory.unknowns
    xyz = unknowns[:-1].reshape(_JOINTS, 3).astype(np.float32)
    factor = _SIGMA_FACTOR ** 2 if len(sightings) > 1 else 1.0
    covariance = factor * trajectory.joint_covariances()
    support = np.max([keypoint_support(s.skeleton.keypoints, 0.0) for s in sightings], axis=0)
    scores = support * probability_within(covariance)
    state = TrackingState.TRACKED if person.skeleton is not None \
        else TrackingState.NEW
    errors = [np.linalg.norm(s.scaled(unknowns[-1]) - xyz, axis=-1)[s.known] for s in sightings]
    return Skeleton(
        person.id, state, Space.WORLD_METRIC, xyz, covariance.astype(np.float32),
        trajectory.velocity.reshape(_JOINTS, 3).astype(np.float32), scores.astype(np.float32),
        max(float(s.skeleton.score) for s in sightings), unseen_keypoints(), _BOX, math.nan,
        float(np.mean(np.concatenate(errors))), stature=float(unknowns[-1]),
        stature_sigma=math.sqrt(trajectory.covariance[-1, -1]))


def predicted(person: FusedPerson, skeleton: Skeleton, stamp_ns: int) -> Skeleton:
    """Return the newest `skeleton` of a person whom no camera sees now, at a stamp."""
    seconds = (stamp_ns - person.newest.stamps_ns[-1]) * 1e-9
    return extrapolate(skeleton, seconds, state=TrackingState.PREDICTED)


def lost(skeleton: Skeleton) -> Skeleton:
    """Return the last skeleton of a person who is given up."""
    return extrapolate(skeleton, 0.0, state=TrackingState.LOST)
