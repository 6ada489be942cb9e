# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Covariances and scores of joints and people."""

import numpy as np
import pytest
from support.walkers import CAMERA, play, seen
import torch

from pose_machine_ros.lifting.uncertainty import (
    add_size_covariance, lifter_covariance, probability_within)
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17


def test_unsupported_joints_score_zero_and_others_do_not(lifter):
    person = seen()
    person.keypoints[COCO_17.index('left_wrist')] = np.nan, np.nan, 0
    skeleton = lifter.step([person], 0, CAMERA)[0]
    assert skeleton.joint_scores[HUMAN36M_17.index('left_wrist')] == 0
    assert (np.delete(skeleton.joint_scores, HUMAN36M_17.index('left_wrist')) > 0).all()
    assert ((skeleton.joint_scores >= 0) & (skeleton.joint_scores <= 1)).all()


def test_covariances_are_positive_definite_and_largest_along_the_ray(lifter):
    skeleton = play(lifter)[-1]
    for covariance in skeleton.covariance:
        np.testing.assert_allclose(covariance, covariance.T, rtol=1e-3, atol=1e-7)
        values, vectors = np.linalg.eigh(covariance)
        assert (values > 0).all()
        assert abs(vectors[2, -1]) > 0.8


@pytest.mark.parametrize('radius', [0.05, 0.1, 0.2])
def test_the_probability_is_the_share_of_random_errors_within_the_radius(radius):
    errors = 0.08 * torch.randn(200_000, 3, generator=torch.Generator().manual_seed(0))
    share = float((errors.norm(dim=-1) < radius).float().mean())
    assert float(probability_within(0.08 ** 2 * np.eye(3), radius)) == pytest.approx(
        share, abs=0.005)


def test_the_covariance_is_that_of_the_person_camera_turned_back():
    generator = torch.Generator().manual_seed(0)
    rotation = torch.linalg.qr(torch.randn(2, 3, 3, generator=generator).double())[0]
    sigma = torch.rand(2, 17, 3, generator=generator).double() + 0.1
    covariance = lifter_covariance(sigma, rotation)
    turned = rotation[:, None] @ covariance @ rotation[:, None].mT
    torch.testing.assert_close(turned[:, 1:], torch.diag_embed(sigma[:, 1:].square()))


def test_an_unknown_size_is_uncertainty_along_the_ray():
    positions = np.broadcast_to([1.0, -0.5, 4.0], (1, 17, 3))
    added = add_size_covariance(np.zeros((1, 17, 3, 3)), positions, np.array([0.05]))
    values, vectors = np.linalg.eigh(added[0, 0])
    length = np.linalg.norm(positions[0, 0])
    assert values.tolist() == pytest.approx([0, 0, (0.05 * length) ** 2], abs=1e-6)
    np.testing.assert_allclose(np.abs(vectors[:, -1]), np.abs(positions[0, 0]) / length)
