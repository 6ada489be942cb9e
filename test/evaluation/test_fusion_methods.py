# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest
from support import captured
from support.fused_views import exact_view, FirstCamera

from pose_machine_ros.evaluation import fusion_methods
from pose_machine_ros.evaluation.camera_ring import look_at
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.skeleton import COCO_17, SHARED_JOINTS

PERSON = captured.standing()[:17].astype(float)
POSES = [look_at(np.array(p), np.array((0.0, 0, 1))) for p in
         ((4.0, 0, 1.5), (0.0, 4, 1), (-3.0, -3, 2))]


def views(poses=POSES, **changes):
    return [exact_view(f'camera{i}', pose, PERSON, **changes) for i, pose in enumerate(poses)]


@pytest.mark.parametrize('count', [2, 3])
def test_triangulation_of_exact_keypoints_is_the_truth(count):
    positions = fusion_methods.triangulated([views(POSES[:count])]).positions[0]
    np.testing.assert_allclose(positions[SHARED_JOINTS], PERSON[SHARED_JOINTS], atol=1e-4)
    hips = PERSON[[1, 4]].mean(0)
    np.testing.assert_allclose(positions[0], hips, atol=1e-4)


def test_triangulation_needs_two_cameras_that_look_from_different_places():
    one = fusion_methods.triangulated([views(POSES[:1])]).positions
    twice = fusion_methods.triangulated([views([POSES[0], POSES[0]])]).positions
    assert np.isnan(one).all() and np.isnan(twice).all()


def test_triangulation_leaves_out_what_only_one_camera_sees():
    seen = views(POSES[:2])
    wrist = COCO_17.index('left_wrist')
    seen[1].skeletons[0].rays[wrist] = np.nan
    positions = fusion_methods.triangulated([seen]).positions[0]
    missing = np.flatnonzero(np.isnan(positions[SHARED_JOINTS, 0]))
    assert [SHARED_JOINTS[i] for i in missing] == [13]


def test_a_keypoint_with_a_low_score_counts_less():
    seen = views()
    seen[2].skeletons[0].rays[5] = seen[2].skeletons[0].rays[6]  # wrong by the shoulders' width
    errors = []
    for score in (0.9, 0.05):
        seen[2].skeletons[0].keypoints[5, 2] = score
        positions = fusion_methods.triangulated([seen]).positions[0]
        errors.append(np.linalg.norm(positions[11] - PERSON[11]))
    assert errors[1] < 0.2 * errors[0]


def test_a_single_camera_is_its_skeleton_in_the_world():
    prediction = fusion_methods.single([views()], 1)
    np.testing.assert_allclose(prediction.positions[0], PERSON, atol=1e-5)
    # The uncertain direction is that of the view, here y.
    np.testing.assert_allclose(prediction.covariance[0, 0, 1, 1], 0.09, rtol=0.1)
    np.testing.assert_allclose(prediction.covariance[0, 0, 0, 0], 0.01, rtol=0.1)


def test_the_mean_is_that_of_the_cameras_that_see_the_person():
    seen = [exact_view('a', POSES[0], PERSON, error=(0, 0, 0.3)),
            exact_view('b', POSES[0], PERSON, error=(0, 0, -0.1)),
            exact_view('c', POSES[0], PERSON, error=(0, 0, 9.0))]
    unseen = replace(seen[2].skeletons[0], state=TrackingState.PREDICTED)
    seen[2] = replace(seen[2], skeletons=[unseen])
    mean = fusion_methods.mean_of_skeletons([seen, [replace(v, skeletons=[]) for v in seen]])
    forward = POSES[0].rotation[:, 2]
    np.testing.assert_allclose(mean.positions[0], PERSON + 0.1 * forward, atol=1e-5)
    assert np.isnan(mean.positions[1]).all()


def test_of_several_people_the_one_at_the_truth_is_evaluated():
    there = exact_view('a', POSES[0], PERSON, name='p2')
    other = exact_view('a', POSES[0], PERSON + (0, 1, 0))
    lost = replace(exact_view('a', POSES[0], PERSON).skeletons[0], state=TrackingState.LOST)
    crowd = [replace(there, skeletons=[*other.skeletons, *there.skeletons, lost])]
    prediction = fusion_methods.fused([crowd, crowd], np.stack((PERSON, PERSON + (0, 1, 0))),
                                      FirstCamera)
    np.testing.assert_allclose(prediction.positions[0], PERSON, atol=1e-5)
    np.testing.assert_allclose(prediction.positions[1], PERSON + (0, 1, 0), atol=1e-5)
    assert prediction.people == [2, 2] and prediction.ids == 2
