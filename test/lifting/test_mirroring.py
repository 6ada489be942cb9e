# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import torch

from pose_machine_ros.lifting.features import FEATURES, rays_of, view_people
from pose_machine_ros.lifting.mirroring import (
    average_mirrored, mirror_features, mirror_joints, with_mirrored)
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17


def test_features_of_the_mirrored_image_are_the_mirrored_features():
    torch.manual_seed(0)
    plane, scores = 0.3 * torch.randn(5, 17, 2), torch.rand(5, 17)
    steps = torch.rand(5)
    mirrored = (plane * torch.tensor((-1.0, 1.0)))[:, list(COCO_17.mirror)]
    torch.testing.assert_close(
        view_people(rays_of(mirrored), scores[:, list(COCO_17.mirror)], steps).features,
        mirror_features(view_people(rays_of(plane), scores, steps).features))


def test_mirroring_twice_changes_nothing():
    features, joints = torch.randn(2, 4, FEATURES), torch.randn(2, 4, 17, 3)
    torch.testing.assert_close(mirror_features(mirror_features(features)), features)
    torch.testing.assert_close(mirror_joints(mirror_joints(joints)), joints)


def test_the_result_for_the_mirror_image_is_the_mirrored_result():
    torch.manual_seed(0)
    network = RecurrentLifter(RecurrentLifterConfig(width=16)).eval()
    features = torch.randn(3, 6, FEATURES)
    joints, log_sigma = average_mirrored(*network(with_mirrored(features)))
    mirrored, mirrored_sigma = average_mirrored(*network(with_mirrored(mirror_features(features))))
    torch.testing.assert_close(mirrored, mirror_joints(joints))
    torch.testing.assert_close(mirrored_sigma[..., list(HUMAN36M_17.mirror), :], log_sigma)
