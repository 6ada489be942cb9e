# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons of the fusion: scores, uncertainty and state."""

from __future__ import annotations

import math

import numpy as np

from pose_machine_ros.fusion.person import FusedPerson
from pose_machine_ros.lifting.person import extrapolate
from pose_machine_ros.lifting.uncertainty import (
    keypoint_support, probability_within, velocity_covariance)
from pose_machine_ros.pose import Skeleton, Space, TrackingState, unseen_keypoints, unseen_rays
from pose_machine_ros.skeleton import HUMAN36M_17

_JOINTS = len(HUMAN36M_17)
_BOX = np.full(4, np.nan, np.float32)
# On the standard deviations of people whom several cameras see: the solver takes the errors of
# neighbouring views for independent. With it, 68 and 95 % of held-out motion lie within one and two
# standard deviations; see docs/evaluation.md.
_SIGMA_FACTOR = 0.9


def assemble(person: FusedPerson) -> Skeleton:
    """Return the skeleton of a person whom a camera sees."""
    trajectory, sightings = person.newest, person.newest_sightings()
    unknowns = trajectory.unknowns
    xyz = unknowns[:-1].reshape(_JOINTS, 3).astype(np.float32)
    velocity = trajectory.velocity.reshape(_JOINTS, 3)
    whole, by_stature = trajectory.joint_covariances()
    if len(sightings) > 1:
        whole, by_stature = whole * _SIGMA_FACTOR ** 2, by_stature * _SIGMA_FACTOR ** 2
    of_pose = whole - by_stature
    sigma = math.sqrt(trajectory.covariance[-1, -1])
    of_velocity, = velocity_covariance(
        of_pose[None], velocity[None], np.array([sigma / unknowns[-1]]),
        [trajectory.slope_fit()], 'geometric')
    support = np.max([keypoint_support(s.skeleton.keypoints, 0.0) for s in sightings], axis=0)
    scores = support * probability_within(of_pose)
    state = TrackingState.TRACKED if person.skeleton is not None \
        else TrackingState.NEW
    errors = [np.linalg.norm(s.scaled(unknowns[-1]) - xyz, axis=-1)[s.known] for s in sightings]
    return Skeleton(
        person.id, state, Space.WORLD_METRIC, xyz, whole.astype(np.float32),
        velocity.astype(np.float32), scores.astype(np.float32),
        max(float(s.skeleton.score) for s in sightings), unseen_keypoints(), _BOX, math.nan,
        float(np.mean(np.concatenate(errors))), unseen_rays(), float(unknowns[-1]), sigma,
        of_velocity.astype(np.float32))


def predicted(person: FusedPerson, skeleton: Skeleton, stamp_ns: int) -> Skeleton:
    """Return the newest `skeleton` of a person whom no camera sees now, at a stamp."""
    seconds = (stamp_ns - person.newest.stamps_ns[-1]) * 1e-9
    return extrapolate(skeleton, seconds, state=TrackingState.PREDICTED)


def lost(skeleton: Skeleton) -> Skeleton:
    """Return the last skeleton of a person who is given up."""
    return extrapolate(skeleton, 0.0, state=TrackingState.LOST)
