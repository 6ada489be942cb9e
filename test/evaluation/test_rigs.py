# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support import captured
import torch

from pose_machine_ros.evaluation.camera_ring import disturbed, look_at, surround
from pose_machine_ros.evaluation.rig_views import (
    disturb_poses, newest_stamps, select_cameras, views_of, views_of_rigs)
from pose_machine_ros.evaluation.rigs import CAMERA, load_rigs, RigConfig
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.skeleton import SHARED_JOINTS, SHARED_KEYPOINTS


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz', clips=3)


def one_rig(path, seconds=0.5, **config):
    rig, = load_rigs(path, RigConfig(**config), seconds)
    return rig


@pytest.mark.parametrize('offset', [0.0, 2 / 30])
def test_truth_projected_through_the_pose_of_a_view_is_at_its_clean_keypoints(path, offset):
    rig = one_rig(path, offset=offset, is_noisy=False)
    for views in views_of(rig, device='cpu'):
        for view in views:
            truth = rig.truth_at(np.array([view.stamp_ns]))[0, SHARED_JOINTS]
            pixels = CAMERA.project(torch.from_numpy(view.pose.inverse().apply(truth))).numpy()
            keypoints = view.skeletons[0].keypoints[SHARED_KEYPOINTS]
            assert (keypoints[:, 2] > 0).mean() > 0.8
            np.testing.assert_allclose(pixels[keypoints[:, 2] > 0],
                                       keypoints[keypoints[:, 2] > 0, :2], atol=0.05)


def test_skeletons_of_all_cameras_are_at_one_place_in_the_world(path):
    rig = one_rig(path, is_noisy=False)
    views = views_of(rig, device='cpu')[-1]
    truth = rig.truth_at(newest_stamps([views]))[0]
    for view in views:
        joints = view.pose.apply(view.skeletons[0].xyz)
        assert np.linalg.norm(joints.mean(0) - truth.mean(0)) < 0.8
        assert joints[0, 2] > joints[3, 2]  # the pelvis is above the ankle


def test_every_other_camera_is_late_by_the_offset(path):
    together, apart = one_rig(path), one_rig(path, offset=2 / 30)
    assert (together.stamps_ns == together.stamps_ns[0]).all()
    late = apart.stamps_ns - apart.stamps_ns[0]
    np.testing.assert_allclose(late[1::2], 2e9 / 30, atol=1)
    assert (late[::2] == 0).all()
    np.testing.assert_array_equal(together.keypoints[0], apart.keypoints[0])
    assert not np.array_equal(together.keypoints[1], apart.keypoints[1])
    assert newest_stamps(views_of(apart, device='cpu'))[0] == apart.stamps_ns[1, 0]


def test_the_same_seed_gives_the_same_rig_and_cameras_have_errors_of_their_own(path):
    first, again = one_rig(path), one_rig(path)
    np.testing.assert_array_equal(first.keypoints, again.keypoints)
    other, = load_rigs(path, RigConfig(), 0.5, seed=1)
    assert not np.allclose(other.poses[0].translation, first.poses[0].translation)
    clean = one_rig(path, is_noisy=False)
    np.testing.assert_array_equal(clean.poses[0].rotation, first.poses[0].rotation)
    errors = (first.keypoints - clean.keypoints)[..., :2]
    assert np.nanmax(np.abs(errors[0] - errors[1])) > 1


def test_rigs_lifted_together_equal_rigs_lifted_alone(path):
    rigs = load_rigs(path, RigConfig(cameras=2, is_noisy=False), 0.3, split='train')
    assert len(rigs) == 2
    for together, rig in zip(views_of_rigs(rigs, device='cpu'), rigs):
        for a, b in zip(together, views_of(rig, device='cpu')):
            for view, other in zip(a, b):
                assert view.camera == other.camera and view.stamp_ns == other.stamp_ns
                np.testing.assert_allclose(
                    view.skeletons[0].xyz, other.skeletons[0].xyz, atol=0.02)


def test_a_person_without_keypoints_is_predicted(path):
    rig = one_rig(path, is_noisy=False)
    rig.keypoints[1, 3:] = (np.nan, np.nan, 0)
    rounds = views_of(rig, device='cpu')
    assert rounds[3][1].skeletons[0].state == TrackingState.PREDICTED
    assert rounds[3][0].skeletons[0].state == TrackingState.TRACKED
    assert np.isnan(rounds[3][1].skeletons[0].rays).all()


def test_fewer_cameras_are_the_views_of_these_cameras(path):
    rounds = views_of(one_rig(path, 0.2), device='cpu')
    fewer = select_cameras(rounds, [0, 2])
    assert [[v.camera for v in views] for views in fewer] == [['camera0', 'camera2']] * len(rounds)
    assert fewer[1][1] is rounds[1][2]


def test_wrong_poses_have_the_stated_error_for_the_whole_clip(path):
    rounds = views_of(one_rig(path, 0.2), device='cpu')
    wrong = disturb_poses(rounds, np.radians(1.0), 0.02)
    moves = []
    for before, after in zip(rounds, wrong):
        for a, b in zip(before, after):
            turn = a.pose.rotation.T @ b.pose.rotation
            assert np.degrees(np.arccos((np.trace(turn) - 1) / 2)) == pytest.approx(1.0, abs=1e-4)
            moves.append(b.pose.translation - a.pose.translation)
            assert b.skeletons is a.skeletons
    moves = np.array(moves).reshape(len(rounds), -1, 3)
    np.testing.assert_allclose(np.linalg.norm(moves, axis=-1), 0.02, atol=1e-9)
    assert np.ptp(moves, axis=0).max() < 1e-12
    assert np.abs(moves[0, 0] - moves[0, 1]).max() > 1e-3


def test_cameras_stand_around_all_people_and_look_at_them():
    rng = np.random.default_rng(3)
    people = rng.uniform(-2, 2, (50, 4, 25, 3)) * (1, 1, 0.1) + captured.standing()
    for _ in range(20):
        poses = surround(people, 4, rng)
        positions = np.array([p.translation for p in poses])
        nearest = np.linalg.norm(
            people[..., 0, None, :2] - positions[:, :2], axis=-1).min((0, 1))
        assert (nearest > 2.8).all() and (positions[:, 2] < 3).all() and (positions[:, 2] > 0).all()
        for pose in poses:
            assert pose.rotation[2, 0] == pytest.approx(0, abs=1e-9)  # level: right is horizontal
            assert pose.rotation[2, 1] < 0  # down in the image is down in the world
            middle = pose.inverse().apply(people[..., 0, :].mean((0, 1)))
            assert middle[2] > 2 and np.abs(middle[:2] / middle[2]).max() < 0.5
    ahead = look_at(np.array((1.0, 2, 1)), np.array((5.0, 2, 1)))
    np.testing.assert_allclose(ahead.apply(np.array((0.0, 0, 4))), (5, 2, 1))


def test_a_pose_disturbed_by_nothing_is_the_same():
    pose = look_at(np.array((1.0, 2, 1)), np.array((5.0, 3, 1)))
    same = disturbed(pose, 0.0, 0.0, np.random.default_rng(0))
    np.testing.assert_allclose(same.rotation, pose.rotation, atol=1e-12)
