# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons in another frame: a moving camera does not move the people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.people import skeleton, standing

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.correction.trajectory import MEMORY, slope_weights
from pose_machine_ros.lifting.placement import CameraPath
from pose_machine_ros.pose import Skeleton, Space

STEP = 10**9 // 30


def pose_of(yaw: float, x: float) -> RigidTransform:
    """Return the pose of a camera that looks along a horizontal direction; z points up."""
    level = Rotation.from_matrix([[0, 0, 1], [-1, 0, 0], [0, -1, 0]])
    return RigidTransform((Rotation.from_euler('z', yaw) * level).as_matrix(),
                          np.array([x, 0, 1.2]))


def seen_by(poses: list[RigidTransform], world: np.ndarray) -> Skeleton:
    """Return people at (T, 17, 3) in the world as the lifter sees them from T poses."""
    seen = [pose.inverse().apply(points) for pose, points in zip(poses, world)]
    ages = [i * STEP * 1e-9 for i in range(len(seen))][:MEMORY]
    weights = slope_weights(ages)
    velocity = sum(w * x for w, x in zip(weights, seen[::-1]))
    return replace(standing(), xyz=np.float32(seen[-1]), velocity=np.float32(velocity))


def placed(poses: list[RigidTransform], person: Skeleton) -> Skeleton:
    path = CameraPath()
    for i, pose in enumerate(poses):
        path.add(10**18 + i * STEP, pose)
    return path.place(person)


@pytest.mark.parametrize('turn, speed, walk', [(0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 0.5, 0.0),
                                               (1.5, 1.0, 1.2), (0.0, 0.0, 1.2)])
def test_positions_and_velocities_are_those_of_the_world(turn, speed, walk):
    body = standing(at=(0, 0, 0)).xyz[:, [2, 0, 1]] * (1, -1, -1) + (4, 0.3, 0.9)
    times = np.arange(12) * STEP * 1e-9
    poses = [pose_of(turn * t, speed * t) for t in times]
    world = np.stack([body + np.array([0, walk * t, 0]) for t in times])
    found = placed(poses, seen_by(poses, world))
    assert found.space == Space.WORLD_METRIC
    np.testing.assert_allclose(found.xyz, world[-1], atol=1e-5)
    np.testing.assert_allclose(found.velocity, np.broadcast_to((0, walk, 0), (17, 3)), atol=0.03)


def test_covariances_are_rotated_and_everything_else_stays():
    person = skeleton(velocity_covariance=skeleton().covariance * 2)
    pose = pose_of(0.7, 3.0)
    found = placed([pose], person)
    for name in ('covariance', 'velocity_covariance'):
        given, turned = getattr(person, name), getattr(found, name)
        assert turned.dtype == np.float32
        direction = np.array([0.3, -0.8, 0.5])
        np.testing.assert_allclose(
            np.einsum('i,nij,j->n', pose.rotation @ direction, turned, pose.rotation @ direction),
            np.einsum('i,nij,j->n', direction, given, direction), rtol=1e-4)
    for name in ('id', 'state', 'score', 'stature', 'keypoints', 'rays', 'joint_scores', 'box'):
        np.testing.assert_array_equal(getattr(found, name), getattr(person, name))


def test_a_person_of_a_camera_that_is_not_calibrated_stays_so():
    found = placed([pose_of(0, 0)], skeleton(space=Space.ROOT_RELATIVE))
    assert found.space == Space.ROOT_RELATIVE


@pytest.mark.parametrize('jump', [pose_of(0, 2.0), pose_of(2.0, 0)])
def test_a_correction_of_the_localization_is_no_velocity(jump):
    person = replace(standing(), velocity=np.zeros((17, 3), np.float32))
    assert np.abs(placed([pose_of(0, 0)] * 6 + [jump], person).velocity).max() == 0
    assert np.abs(placed([pose_of(0, 0)] * 6 + [pose_of(0, 0.05)], person).velocity).max() > 0.1


def test_stamps_that_go_back_or_leap_start_a_new_path():
    person = replace(standing(), velocity=np.zeros((17, 3), np.float32))
    for stamp in (10**18 - 10**9, 10**18 + 2 * 10**9):
        path = CameraPath()
        path.add(10**18, pose_of(0, 0))
        path.add(stamp, pose_of(0, 0.05))
        assert np.abs(path.place(person).velocity).max() == 0
