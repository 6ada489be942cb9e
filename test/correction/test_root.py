# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from support.windows import walking
import torch

from pose_machine_ros.correction.root import locate
from pose_machine_ros.skeleton import SHARED_KEYPOINTS


def test_position_of_an_exact_pose_is_exact():
    truth, window = walking()
    found = locate(truth - truth[:, :, :1], window.plane, window.weights)
    torch.testing.assert_close(found, truth[:, :, 0], atol=1e-4, rtol=0)


def test_one_outlier_hardly_matters():
    truth, window = walking()
    window.plane[..., SHARED_KEYPOINTS[5], :] += 0.1  # 40 cm at the person
    found = locate(truth - truth[:, :, :1], window.plane, window.weights)
    assert float((found - truth[:, :, 0]).norm(dim=-1).max()) < 0.15


def test_a_person_twice_as_large_stands_twice_as_far():
    truth, window = walking()
    joints = truth - truth[:, :, :1]
    near = locate(joints, window.plane, window.weights)
    far = locate(2 * joints, window.plane, window.weights)
    torch.testing.assert_close(far, 2 * near, rtol=1e-3, atol=1e-3)


def test_one_keypoint_is_not_enough():
    truth, window = walking()
    weights = torch.zeros_like(window.weights)
    weights[..., SHARED_KEYPOINTS[0]] = 1
    assert locate(truth, window.plane, weights).isnan().all()
