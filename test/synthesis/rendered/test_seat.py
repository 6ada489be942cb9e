# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis.rendered.person import PosedPerson
from pose_machine_ros.synthesis.rendered.seat import seat_below, sits

UP = np.array((0.0, 0, 1))


def sitting(forward, height=0.5, trunk=UP):
    """Return a person who sits upright with level thighs, hips at `height`; two frames."""
    forward = np.array((*forward, 0.0)) / np.linalg.norm(forward)
    left = np.cross(UP, forward)
    pelvis = np.array((0.3, -0.2, height))
    joints = np.tile(pelvis, (17, 1))
    for side, sign in (('left', 1), ('right', -1)):
        hip = pelvis + sign * 0.1 * left
        joints[HUMAN36M_17.index(f'{side}_hip')] = hip
        joints[HUMAN36M_17.index(f'{side}_knee')] = hip + 0.4 * forward
    joints[HUMAN36M_17.index('thorax')] = pelvis + 0.5 * trunk
    buttocks = joints[[HUMAN36M_17.index('left_hip'), HUMAN36M_17.index('right_hip')]] - 0.1 * UP
    surface = np.concatenate((buttocks, joints[[HUMAN36M_17.index('thorax')]],
                              [pelvis * (1, 1, 0)]))
    two = np.repeat(surface[None], 2, 0)
    return PosedPerson(two, np.zeros_like(two), np.repeat(joints[None], 2, 0), np.zeros((2, 17, 3)))


def test_who_sits():
    assert sits(sitting((1, 0)))
    assert not sits(sitting((1, 0), height=0.15))
    assert not sits(sitting((1, 0), trunk=np.array((1.0, 0, 0))))
    standing = sitting((1, 0))
    standing.joints[:, HUMAN36M_17.index('left_knee')] -= 0.6 * UP
    assert not sits(standing)


@pytest.mark.parametrize('forward', [(1, 0), (0, -1), (-1, 2)])
def test_a_seat_is_below_the_buttocks_and_behind_the_knees(forward):
    for seed in range(20):
        person = sitting(forward)
        seat = seat_below(person, np.random.default_rng(seed))
        assert seat.vertices[:, 2].min() >= -1e-9
        direction = np.array((*forward, 0.0)) / np.linalg.norm(forward)
        along = (seat.vertices - person.joints[0, 0]) @ direction
        assert along.max() < 0.4 and along.min() < -0.15
        below = seat.vertices[np.abs(seat.vertices[:, 2] - 0.4) < 0.05]
        assert len(below), 'the top is where the buttocks are'
        a, b, c = (seat.vertices[seat.faces[:, i]] for i in range(3))
        assert (a * np.cross(b - a, c - a)).sum() > 0, 'it is not inside out'
