# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings of the lifter: their effects, and changes between two frames."""

from dataclasses import replace

import numpy as np
import pytest
from support.walkers import CAMERA, play, seen, STEP

from pose_machine_ros.correction.config import GeometricConfig
from pose_machine_ros.errors import InputError
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.skeleton import HUMAN36M_17


def test_a_known_height_determines_the_distance(lifter):
    """In the same image, a child is nearer, and smaller by the same factor."""
    child = PoseLifter(replace(lifter.config, person_height=0.85), 'cpu')
    adult = PoseLifter(replace(lifter.config, person_height=1.70), 'cpu')
    small, large = (play(x)[-1] for x in (child, adult))
    assert small.xyz[0, 2] == pytest.approx(large.xyz[0, 2] / 2, rel=0.05)
    height = [x.xyz[:, 1].max() - x.xyz[:, 1].min() for x in (small, large)]
    assert height[0] == pytest.approx(height[1] / 2, rel=0.1)


def test_a_known_floor_determines_the_distance(lifter):
    """The lower the camera is above the floor, the nearer and smaller are the people on it."""
    ankles = [HUMAN36M_17.index(f'{s}_ankle') for s in ('left', 'right')]
    drop = play(lifter, 30)[-1].xyz[ankles, 1].max()
    distances = []
    for height in (0.95, 1.0, 1.05):
        config = replace(lifter.config, camera_height=float(height * (drop + 0.09)))
        skeleton = play(PoseLifter(config, 'cpu'), 30)[-1]
        distances.append(skeleton.xyz[0, 2])
        assert skeleton.reprojection_px < 15
    assert distances[0] < 0.985 * distances[1] and 1.015 * distances[1] < distances[2]


@pytest.mark.parametrize('change', [
    {'correction': 'none'}, {'correction': 'learned'}, {'correction': 'paper'},
    {'geometric': GeometricConfig(fading=1.1)},
    {'geometric': GeometricConfig(fading=5.0)}, {'min_keypoint_score': 0.5}])
def test_settings_change_between_two_frames(change):
    """After a while the result is the same as with these settings from the start."""
    usual = LiftingConfig()
    changed, other = PoseLifter(usual, 'cpu'), PoseLifter(replace(usual, **change), 'cpu')
    first = play(changed, 5)[-1]
    changed.configure(other.config)
    after = play(changed, 40, start=5)
    assert np.linalg.norm(after[0].xyz[0] - first.xyz[0]) < 0.15  # the person does not jump
    np.testing.assert_allclose(after[-1].xyz, play(other, 40, start=5)[-1].xyz, atol=0.02)


@pytest.mark.parametrize('change', [{'person_height': 1.2},
                                    {'camera_height': 1.0, 'camera_pitch': 0.09}])
def test_a_known_height_and_floor_can_be_set_while_running(change):
    changed, from_start = (PoseLifter(LiftingConfig(**x), 'cpu') for x in ({}, change))
    before = play(changed, 5)[-1]
    changed.configure(from_start.config)
    after = play(changed, 60, start=5)[-1].xyz[0, 2]
    assert after == pytest.approx(play(from_start, 60, start=5)[-1].xyz[0, 2], rel=0.01)
    assert after < 0.9 * before.xyz[0, 2]


def test_smoothing_can_be_changed_while_running():
    """Lower acceleration_sigma and fading leave less noise of the keypoints in the joints."""
    rng = np.random.default_rng(0)
    lifter = PoseLifter(LiftingConfig(), 'cpu')

    def jitter(sigma, fading, start):
        lifter.configure(LiftingConfig(geometric=GeometricConfig(
            acceleration_sigma=sigma, fading=fading)))
        track = []
        for i in range(start, start + 30):
            person = seen()
            person.keypoints[:, :2] += rng.normal(0, 3, (17, 2))
            track.append(lifter.step([person], i * STEP, CAMERA)[0].xyz)
        return np.linalg.norm(np.diff(track[10:], 2, axis=0), axis=-1).mean()

    loose, smooth = jitter(100.0, 1.65, 0), jitter(1.0, 1.1, 30)
    assert smooth < 0.5 * loose


@pytest.mark.parametrize('bad', [
    {'correction': 'magic'}, {'person_height': 17.0}, {'min_keypoint_score': 1.0}, {'max_gap': 0}])
def test_unusable_settings_are_refused(bad):
    with pytest.raises(InputError, match=next(iter(bad))):
        LiftingConfig(**bad)


@pytest.mark.parametrize('change, words', [({'camera_height': -1.0}, 'camera_height = -1'),
                                           ({'camera_pitch': 1.5}, 'camera_pitch = 1.5 rad')])
def test_impossible_cameras_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        LiftingConfig(**change)


def test_a_rotation_that_is_no_quarter_turn_is_refused():
    with pytest.raises(InputError, match='rotation = 45 deg is not one of 0, 90, 180, 270'):
        LiftingConfig(rotation=45)
