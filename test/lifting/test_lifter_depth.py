# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The lifter with depth images, without, and with images that come and go."""

from dataclasses import fields

import numpy as np
import pytest
from support.depth_scene import depth_image, joints, metres, person, truth
from support.walkers import CAMERA, STEP

from pose_machine_ros.lifting.config import CORRECTIONS, LiftingConfig
from pose_machine_ros.lifting.lifter import PoseLifter

LARGE = joints(distance=3.3, size=1.1)  # looks as one of nominal size at 3 m
DEPTH = metres(LARGE)


def play(lifter, images, body=LARGE):
    return [lifter.step([person(body)], i * STEP, CAMERA, image)[0]
            for i, image in enumerate(images)]


def root_error(skeleton, body=LARGE):
    return np.linalg.norm(skeleton.xyz[0] - truth(body)[0])


def same(ours, theirs):
    return all(np.array_equal(getattr(ours, f.name), getattr(theirs, f.name), equal_nan=True)
               for f in fields(ours) if f.name not in ('id', 'state', 'space'))


@pytest.mark.parametrize('correction', CORRECTIONS)
def test_depth_tells_how_far_a_large_person_is(correction):
    config = LiftingConfig(correction=correction)
    without = play(PoseLifter(config, 'cpu'), [None] * 4)
    with_depth = play(PoseLifter(config, 'cpu'), [depth_image(DEPTH)] * 4)
    assert root_error(without[-1]) > 0.15
    assert all(root_error(skeleton) < 0.06 for skeleton in with_depth)
    assert with_depth[-1].stature > without[-1].stature
    # And it knows: the standard deviation along the view is less than a third.
    ours, theirs = (s.covariance[0, 2, 2] for s in (with_depth[-1], without[-1]))
    assert ours < theirs / 9


def test_both_encodings_agree():
    in_mm = np.rint(DEPTH * 1e3).astype(np.uint16)
    one, other = (play(PoseLifter(LiftingConfig(), 'cpu'), [depth_image(values)] * 3)[-1]
                  for values in (DEPTH, in_mm))
    np.testing.assert_allclose(one.xyz, other.xyz, atol=2e-3)


def test_without_depth_the_result_is_that_of_the_image_alone():
    expected = play(PoseLifter(LiftingConfig(), 'cpu'), [None] * 4)
    expecting = PoseLifter(LiftingConfig(), 'cpu')
    expecting.expect_depth()
    empty = depth_image(np.zeros_like(DEPTH))
    for found in (play(expecting, [None] * 4),
                  play(PoseLifter(LiftingConfig(), 'cpu'), [empty] * 4)):
        for ours, theirs in zip(found, expected):
            np.testing.assert_allclose(ours.xyz, theirs.xyz, atol=1e-4)
            np.testing.assert_allclose(ours.covariance, theirs.covariance, rtol=1e-2, atol=1e-6)
            assert ours.stature == pytest.approx(theirs.stature)


def test_frames_go_on_when_depth_stops_and_the_size_is_remembered():
    lifter = PoseLifter(LiftingConfig(), 'cpu')
    before = play(lifter, [depth_image(DEPTH)] * 10)
    after = [lifter.step([person(LARGE)], (10 + i) * STEP, CAMERA)[0] for i in range(10)]
    unaware = play(PoseLifter(LiftingConfig(), 'cpu'), [None] * 20)[-1]
    assert root_error(before[-1]) < 0.06
    assert all(root_error(skeleton) < 0.7 * root_error(unaware) for skeleton in after)
    assert np.isnan(lifter.depth_share)


def test_the_share_of_points_with_depth_is_known():
    lifter = PoseLifter(LiftingConfig(), 'cpu')
    play(lifter, [depth_image(DEPTH)])
    assert lifter.depth_share == 1
    lifter.step([], STEP, CAMERA, depth_image(DEPTH))
    assert np.isnan(lifter.depth_share)


def test_several_people_are_as_each_alone():
    other = LARGE + [0.5, 0.0, 0.0]
    depth = np.minimum(DEPTH, metres(other))
    people = [person(LARGE, 1), person(other, 2)]
    together = PoseLifter(LiftingConfig(), 'cpu').step(people, 0, CAMERA, depth_image(depth))
    for i, one in enumerate(people):
        alone, = PoseLifter(LiftingConfig(), 'cpu').step([one], 0, CAMERA, depth_image(depth))
        np.testing.assert_allclose(together[i].xyz, alone.xyz, atol=2e-3)
