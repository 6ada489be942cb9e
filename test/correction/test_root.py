# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from support.observations import walking
import torch

from pose_machine_ros.correction.root import locate
from pose_machine_ros.skeleton import SHARED_KEYPOINTS


def person():
    """Return the true positions (P, 17, 3) of people, and the observation of them."""
    truth, frames = walking()
    return truth[:, -1], frames[-1]


def test_position_of_an_exact_pose_is_exact():
    truth, frame = person()
    found = locate(truth - truth[:, :1], frame.plane, frame.weights)
    torch.testing.assert_close(found, truth[:, 0], atol=1e-4, rtol=0)


def test_one_outlier_hardly_matters():
    truth, frame = person()
    frame.plane[..., SHARED_KEYPOINTS[5], :] += 0.1  # 40 cm at the person
    found = locate(truth - truth[:, :1], frame.plane, frame.weights)
    assert float((found - truth[:, 0]).norm(dim=-1).max()) < 0.15


def test_a_person_twice_as_large_stands_twice_as_far():
    truth, frame = person()
    joints = truth - truth[:, :1]
    near = locate(joints, frame.plane, frame.weights)
    far = locate(2 * joints, frame.plane, frame.weights)
    torch.testing.assert_close(far, 2 * near, rtol=1e-3, atol=1e-3)


def test_one_keypoint_is_not_enough():
    truth, frame = person()
    weights = torch.zeros_like(frame.weights)
    weights[..., SHARED_KEYPOINTS[0]] = 1
    assert locate(truth, frame.plane, weights).isnan().all()
