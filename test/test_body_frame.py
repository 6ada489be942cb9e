# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The body frame turns and moves with the person, and there is none for an unknown trunk."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.people import standing

from pose_machine_ros.body_frame import body_frame, BodyFrame
from pose_machine_ros.skeleton import HUMAN36M_17

TRUNK = ('left_hip', 'right_hip', 'left_shoulder', 'right_shoulder')
SEEDS = range(8)


def test_the_frame_of_a_person_facing_the_camera() -> None:
    frame = body_frame(standing(at=(0.5, 0.1, 4)))
    np.testing.assert_allclose(frame.origin, (0.5, 0.1, 4), atol=1e-6)
    x, y, z = frame.axes.T
    np.testing.assert_allclose(x, (0, 0, -1), atol=1e-6)
    np.testing.assert_allclose(y, (1, 0, 0), atol=1e-6)  # their left is on the image's right
    np.testing.assert_allclose(z, (0, -1, 0), atol=1e-6)


def test_the_nose_is_in_front_the_left_hand_left_and_the_feet_below() -> None:
    person = standing(at=(1, -0.3, 3), turn=Rotation.random(random_state=5))
    joints = body_frame(person).into(person.xyz)
    assert joints[HUMAN36M_17.index('nose'), 0] > 0.05
    assert joints[HUMAN36M_17.index('left_wrist'), 1] > 0.2
    assert joints[HUMAN36M_17.index('right_wrist'), 1] < -0.2
    assert joints[HUMAN36M_17.index('head_top'), 2] > 0.6
    assert joints[HUMAN36M_17.index('left_ankle'), 2] < -0.6


@pytest.mark.parametrize('seed', SEEDS)
def test_the_frame_turns_and_moves_with_the_person(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bent = standing()
    bent.xyz[:] += rng.normal(scale=0.08, size=(17, 3))
    before = body_frame(bent)
    np.testing.assert_allclose(before.axes.T @ before.axes, np.eye(3), atol=1e-9)
    assert np.linalg.det(before.axes) == pytest.approx(1)  # right-handed

    turn, way = Rotation.random(random_state=seed), rng.normal(size=3)
    moved = standing()
    moved.xyz[:] = turn.apply(bent.xyz) + way
    after = body_frame(moved)
    np.testing.assert_allclose(after.axes, turn.as_matrix() @ before.axes, atol=1e-5)
    np.testing.assert_allclose(after.origin, turn.apply(before.origin) + way, atol=1e-5)
    np.testing.assert_allclose(after.into(moved.xyz), before.into(bent.xyz), atol=1e-5)


@pytest.mark.parametrize('turn', [
    *map(Rotation.from_quat, np.eye(4)),  # each component is the largest once
    *Rotation.random(20, random_state=1)])
def test_the_quaternion_is_that_of_the_axes(turn: Rotation) -> None:
    quaternion = BodyFrame(np.zeros(3), turn.as_matrix()).quaternion()
    assert np.linalg.norm(quaternion) == pytest.approx(1, abs=1e-12)
    assert abs(np.dot(quaternion, turn.as_quat())) == pytest.approx(1, abs=1e-12)  # up to the sign


def test_exchanging_left_and_right_reverses_x() -> None:
    person, swapped = standing(), standing()
    swapped.xyz[:] = person.xyz[list(HUMAN36M_17.mirror)]
    forward, backward = (body_frame(p).axes[:, 0] for p in (person, swapped))
    np.testing.assert_allclose(backward, -forward, atol=1e-6)


@pytest.mark.parametrize('joint', TRUNK)
def test_an_unknown_trunk_has_no_frame(joint: str) -> None:
    unsupported, nowhere = standing(), standing()
    unsupported.joint_scores[HUMAN36M_17.index(joint)] = 0
    nowhere.xyz[HUMAN36M_17.index(joint)] = np.nan
    assert body_frame(unsupported) is None and body_frame(nowhere) is None


def test_unknown_limbs_do_not_matter() -> None:
    person = standing()
    limbs = [i for i, name in enumerate(HUMAN36M_17.names) if name not in TRUNK]
    person.xyz[limbs] = np.nan
    person.joint_scores[limbs] = 0
    np.testing.assert_array_equal(body_frame(person).axes, body_frame(standing()).axes)


@pytest.mark.parametrize('shape', [(0, 0, 0), (1, 0, 0), (0, 1, 0)])
def test_a_trunk_without_width_or_height_has_no_frame(shape: tuple[int, int, int]) -> None:
    person = standing()
    person.xyz[:] = person.xyz * np.float32(shape)
    assert body_frame(person) is None
