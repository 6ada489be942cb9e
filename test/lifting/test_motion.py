# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Velocity of the joints, and the expected motion in the image."""

import numpy as np
import pytest
from support.walkers import at, CAMERA, STEP, unseen


@pytest.mark.parametrize('rate', [15, 60])
@pytest.mark.parametrize('velocity', [
    (0, 0, 0), (0.9, 0, 0), (-0.9, 0, 0), (0, 0.4, 0), (0, 0, 0.9), (0.6, 0, -0.6)])
def test_velocity_is_that_of_the_walking_person(lifter, velocity, rate):
    """In every direction, at every rate, for every joint; m/s in the camera's frame."""
    for i in range(-15, 5):
        place = np.array([0.2, 0.1, 4]) + np.multiply(velocity, i / rate)
        skeleton, = lifter.step([at(place)], 10 ** 9 + round(i / rate * 1e9), CAMERA)
    np.testing.assert_allclose(skeleton.velocity, np.tile(velocity, (17, 1)), atol=0.2)


@pytest.mark.parametrize('velocity, shift, growth', [
    ((0.9, 0, 0), (13, 0), 1), ((0, 0.4, 0), (0, 6), 1), ((0, 0, -0.9), (0, 0), 1.02)])
def test_motion_in_the_image_is_that_of_the_walking_person(lifter, velocity, shift, growth):
    """Of a person 4 m away, after 0.1 s."""
    for i in range(15):
        place = np.multiply(velocity, (i - 14) / 30) + (0, 0, 4)
        lifter.step([at(place)], 10 ** 9 + i * STEP, CAMERA)
    motion = lifter.predict_motion(10 ** 9 + 14 * STEP + 10 ** 8, CAMERA)['p1']
    np.testing.assert_allclose(motion.shift, shift, atol=4)
    assert motion.growth == pytest.approx(growth, abs=0.01)


def test_people_never_lifted_have_no_motion(lifter):
    lifter.step([unseen()], 0, CAMERA)
    assert lifter.predict_motion(STEP, CAMERA) == {}
