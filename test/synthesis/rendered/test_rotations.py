# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
import numpy as np
import pytest

from pose_machine_ros.synthesis.rendered import rotations as rot

VECTORS = hnp.arrays(float, (4, 3), elements=st.integers(-3, 3)).map(
    lambda v: np.where((v == 0).all(-1, keepdims=True), 1, v))
ANGLES = hnp.arrays(float, 4, elements=st.floats(-3, 3))


@given(VECTORS, VECTORS)
def test_a_swing_turns_one_direction_to_the_other(start, end):
    turned = rot.turned(rot.swing(start, end), rot.unit(start))
    np.testing.assert_allclose(turned, rot.unit(end), atol=1e-5)


@given(VECTORS)
def test_perpendicular_directions(vectors):
    directions = rot.perpendicular(vectors)
    np.testing.assert_allclose((directions * vectors).sum(-1), 0, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=-1), 1)


@given(VECTORS)
def test_opposite_directions_are_swung_too(start):
    turned = rot.turned(rot.swing(start, -start), start)
    np.testing.assert_allclose(turned, -start, atol=1e-5)


@given(VECTORS, VECTORS)
def test_a_swing_is_the_smallest_rotation(start, end):
    angle = np.linalg.norm(rot.logarithm(rot.swing(start, end)), axis=-1)
    np.testing.assert_allclose(angle, rot.angle_between(start, end), atol=1e-5)


@given(VECTORS, ANGLES)
def test_the_angle_about_an_axis_is_the_one_it_was_turned_by(axes, angles):
    across = rot.across(np.roll(axes, 1, -1) + (0.3, 0.7, -0.5), axes)
    seen = np.linalg.norm(across, axis=-1) > 0.1
    turned = rot.turned(rot.about(axes, angles), across)
    np.testing.assert_allclose(rot.angle_about(axes, across, turned)[seen], angles[seen], atol=1e-6)


@given(VECTORS, ANGLES, st.floats(0.1, 2))
def test_rotations_go_towards_another_up_to_a_limit(axes, angles, limit):
    start = rot.about(np.roll(axes, 1, -1), angles / 2)
    end = start @ rot.about(axes, angles)
    turned = np.swapaxes(start, -1, -2) @ rot.towards(start, end, limit)
    np.testing.assert_allclose(np.linalg.norm(rot.logarithm(turned), axis=-1),
                               np.minimum(np.abs(angles), limit), atol=1e-6)


@pytest.mark.parametrize('fraction', [0, 0.25, 1])
def test_between_two_rotations(fraction):
    start, end = rot.about(np.eye(3), 0.4), rot.about(np.eye(3), 1.4)
    expected = rot.about(np.eye(3), 0.4 + fraction)
    np.testing.assert_allclose(rot.between(start, end, fraction), expected, atol=1e-9)


def test_a_frame_is_a_rotation_with_its_first_axis_kept():
    first, second = np.array((1.0, 2, 3)), np.array((-1.0, 0.5, 1))
    frame = rot.frame(first, second)
    np.testing.assert_allclose(frame.T @ frame, np.eye(3), atol=1e-12)
    assert np.linalg.det(frame) == pytest.approx(1)
    np.testing.assert_allclose(frame[:, 0], rot.unit(first))
    assert frame[:, 1] @ second > 0
