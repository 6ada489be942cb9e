# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons of people over time: seen, unseen, lost, late and repeated frames."""

import numpy as np
import pytest
from support.observations import standing_pose
from support.walkers import CAMERA, play, seen, STEP, unseen

from pose_machine_ros.errors import LateFrameError
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.pose import Space, TrackingState
from pose_machine_ros.skeleton import COCO_17


def test_people_have_the_true_position_and_pose(lifter):
    skeleton = play(lifter, 10)[-1]
    assert skeleton.space == Space.CAMERA_METRIC
    assert np.linalg.norm(skeleton.xyz[0] - [0.18, 0.1, 4]) < 0.6
    relative = skeleton.xyz - skeleton.xyz[0]
    expected = standing_pose().numpy()
    assert np.linalg.norm(relative - expected, axis=-1).mean() < 0.12
    assert skeleton.reprojection_px < 15


def test_people_together_have_the_skeletons_of_each_alone(lifter):
    together = [lifter.step([seen(i, 1), seen(i, 2)], i * STEP, CAMERA) for i in range(5)][-1]
    for number in (1, 2):
        lifter.reset()
        alone = play(lifter, 5, number=number)[-1]
        np.testing.assert_allclose(together[number - 1].xyz, alone.xyz, atol=2e-3)


def test_unseen_people_keep_their_pose_with_growing_uncertainty(lifter):
    last = play(lifter, 5)[-1]
    first, second = (lifter.step([unseen()], i * STEP, CAMERA)[0] for i in (5, 8))
    assert first.state == TrackingState.PREDICTED
    np.testing.assert_array_equal(first.xyz, last.xyz)
    assert 0 < second.score < first.score < last.score
    spread = [np.trace(s.covariance[3]) for s in (last, first, second)]
    assert spread[0] < spread[1] < spread[2]
    assert np.isnan(first.reprojection_px) and np.isnan(first.rays).all()


def test_people_never_seen_have_no_pose(lifter):
    skeleton = lifter.step([unseen()], 0, CAMERA)[0]
    assert np.isnan(skeleton.xyz).all() and skeleton.score == 0


def test_lost_people_are_forgotten(lifter):
    play(lifter, 5)
    lifter.step([unseen(state=TrackingState.LOST)], 5 * STEP, CAMERA)
    assert np.isnan(lifter.step([unseen()], 6 * STEP, CAMERA)[0].xyz).all()


@pytest.mark.parametrize('stamp', [-10 ** 9, 4 * STEP - 10 ** 9, 5 * STEP + 1_100_000_000])
def test_a_stamp_that_goes_back_and_a_long_gap_reset(lifter, stamp):
    play(lifter, 5)
    after = lifter.step([seen(0)], stamp, CAMERA)[0]
    lifter.reset()
    new = lifter.step([seen(0)], stamp, CAMERA)[0]
    np.testing.assert_allclose(after.xyz, new.xyz, atol=1e-6)


def test_a_late_frame_is_refused_and_changes_nothing(lifter):
    expected = play(lifter, 5)[-1]
    lifter.reset()
    play(lifter, 4)
    for stamp in (2 * STEP, 0):
        with pytest.raises(LateFrameError, match=f'stamp {stamp} ns'):
            lifter.step([seen(0)], stamp, CAMERA)
    after = lifter.step([seen(4)], 4 * STEP, CAMERA)[0]
    np.testing.assert_allclose(after.xyz, expected.xyz, atol=1e-6)


def test_results_do_not_depend_on_when_the_clip_was_taken(lifter):
    early = play(lifter, 5)[-1]
    lifter.reset()
    late = play(lifter, 5, start=10 ** 9)[-1]
    np.testing.assert_allclose(early.xyz, late.xyz, atol=1e-5)


def test_two_keypoints_are_enough_for_a_skeleton_and_one_is_not(lifter):
    for count, is_known in ((2, True), (1, False)):
        lifter.reset()
        person = seen()
        hidden = [COCO_17.index(n) for n in COCO_17.names if n not in
                  ('left_hip', 'right_shoulder')[:count]]
        person.keypoints[hidden] = np.nan, np.nan, 0
        skeleton = lifter.step([person], 0, CAMERA)[0]
        assert np.isfinite(skeleton.xyz).all() == is_known


def test_geometric_correction_reduces_the_reprojection_error():
    errors = {}
    for correction in ('none', 'geometric'):
        lifter = PoseLifter(LiftingConfig(correction=correction), 'cpu')
        errors[correction] = np.mean([s.reprojection_px for s in play(lifter, 10)])
    assert errors['geometric'] < 0.8 * errors['none']


@pytest.mark.parametrize('factor', (0.5, 0.7, 1.1))
def test_scores_of_another_scale_change_little(lifter, factor):
    """The scores of networks differ in scale; front and back must not depend on that."""
    usual = play(lifter, 8)[-1].xyz
    lifter.reset()
    for i in range(8):
        person = seen(i)
        person.keypoints[:, 2] *= factor
        other = lifter.step([person], i * STEP, CAMERA)[0].xyz
    away = np.linalg.norm((other - other[0]) - (usual - usual[0]), axis=-1)
    assert away.mean() < 0.06 and away.max() < 0.2
