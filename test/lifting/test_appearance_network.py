# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The network by itself, and in the lifter: what the picture changes, and what it must not."""

from dataclasses import replace

import numpy as np
import pytest
from support.walkers import CAMERA, play, seen, STEP
import torch

from pose_machine_ros.keypoints2d.crops import upright_angle
from pose_machine_ros.lifting.appearance_network import AppearanceNetwork, PictureFeatures
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.features import FEATURES
from pose_machine_ros.lifting.lifter import load_appearance_network, PoseLifter
from pose_machine_ros.pose import Appearance

PEOPLE, CHANNELS = 5, 12


@pytest.fixture(scope='module')
def network():
    torch.manual_seed(0)
    network = AppearanceNetwork(CHANNELS, 8, 32).eval()
    torch.nn.init.normal_(network.head[-1].weight, std=0.3)
    return network


def people(present=1.0):
    generator = torch.Generator().manual_seed(1)

    def randn(*shape):
        return torch.randn(PEOPLE, *shape, generator=generator)

    return randn(FEATURES), randn(17, 3), PictureFeatures(
        randn(26, CHANNELS), randn(), torch.full((PEOPLE,), present))


@torch.no_grad()
def test_without_features_nothing_changes(network):
    moved, log_sigma = network(*people(present=0.0))
    assert not moved.any() and not log_sigma.any()
    moved, log_sigma = network(*people())
    assert float(moved.abs().max()) > 1e-3 and float(log_sigma.abs().max()) > 1e-3
    assert not moved[:, 0].any()  # the pelvis is the origin


@torch.no_grad()
def test_an_untrained_network_changes_nothing():
    moved, log_sigma = AppearanceNetwork(CHANNELS).eval()(*people())
    assert not moved.any() and not log_sigma.any()


@torch.no_grad()
def test_a_person_does_not_depend_on_the_others(network):
    features, joints, picture = people()
    together = network(features, joints, picture)
    for i in range(PEOPLE):
        alone = network(features[i:i + 1], joints[i:i + 1],
                        PictureFeatures(*(x[i:i + 1] for x in picture)))
        for a, b in zip(alone, together):
            torch.testing.assert_close(a[0], b[i])


def test_rows_hold_all_parts():
    picture = people()[2]
    rows = torch.cat((picture.present[:, None], picture.turn[:, None],
                      picture.features.flatten(1)), 1)
    for a, b in zip(PictureFeatures.of(rows), picture):
        torch.testing.assert_close(a, b)


@torch.no_grad()
def test_weights_make_the_same_network_again(network):
    again = AppearanceNetwork.of(network.state_dict()).eval()
    assert again.channels == CHANNELS
    for a, b in zip(network(*people()), again(*people())):
        torch.testing.assert_close(a, b)


# ---- in the lifter, with the weights of the package


@pytest.fixture(scope='module')
def pictured():
    return PoseLifter(LiftingConfig(), 'cpu', appearance=load_appearance_network())


@pytest.fixture(scope='module')
def plain():
    return PoseLifter(LiftingConfig(features='off'), 'cpu')


def appearance(seed, channels=280):
    features = np.random.default_rng(seed).normal(size=(26, channels)).astype(np.float32)
    return Appearance(features, 0.1)


def with_picture(frame, number=1, seed=0):
    return replace(seen(frame, number), appearance=appearance(seed))


def run(lifter, *numbers, frames=6):
    lifter.reset()
    return [lifter.step([with_picture(i, n, n) for n in numbers], i * STEP, CAMERA)
            for i in range(frames)][-1]


def test_people_without_features_are_lifted_as_by_the_plain_lifter(pictured, plain):
    pictured.reset()
    plain.reset()
    a, b = (play(lifter, 6)[-1] for lifter in (pictured, plain))
    np.testing.assert_allclose(a.xyz, b.xyz, atol=1e-6)
    np.testing.assert_allclose(a.covariance, b.covariance, atol=1e-8)


def test_features_change_the_pose_and_not_the_projection(pictured, plain):
    plain.reset()
    a, b = run(pictured, 1)[0], play(plain, 6)[-1]
    assert np.abs((a.xyz - a.xyz[0]) - (b.xyz - b.xyz[0])).max() > 0.01
    assert a.reprojection_px < 15 and b.reprojection_px < 15


def test_everybody_has_the_features_of_their_own_picture(pictured):
    together = run(pictured, 1, 2)
    for skeleton, number in zip(together, (1, 2)):
        np.testing.assert_allclose(skeleton.xyz, run(pictured, number)[0].xyz, atol=2e-3)


def test_somebody_without_a_picture_beside_somebody_with_one(pictured, plain):
    for lifter in (pictured, plain):
        lifter.reset()
    for i in range(4):
        mixed = pictured.step([with_picture(i, 1), seen(i, 2)], i * STEP, CAMERA)
        alone = plain.step([seen(i, 2)], i * STEP, CAMERA)
    np.testing.assert_allclose(mixed[1].xyz, alone[0].xyz, atol=2e-3)


def test_the_change_is_averaged_over_time(pictured, plain):
    """One picture that differs moves the pose less than the first picture of a person does."""
    def moved(frames, odd):
        for lifter in (pictured, plain):
            lifter.reset()
        for i in range(frames):
            person = with_picture(i, seed=7 if i == odd else 0)
            picture = pictured.step([person], i * STEP, CAMERA)[0].xyz
        return picture

    usual = moved(6, -1)
    assert 0 < np.abs(moved(6, 5) - usual).max() < np.abs(moved(1, 0) - moved(1, -1)).max()


@pytest.mark.parametrize('rotation', [90, 180, 270])
def test_a_camera_on_its_side_sees_what_an_upright_one_sees(pictured, rotation):
    """The same person and crop, in an image that is rotated: the pose rotates with it."""
    upright = run(pictured, 1)[0].xyz
    turn = upright_angle(rotation)
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    lifter = PoseLifter(LiftingConfig(rotation=rotation), 'cpu',
                        appearance=load_appearance_network())
    middle = np.array([CAMERA.matrix[0, 2], CAMERA.matrix[1, 2]])
    for i in range(6):
        person = with_picture(i, 1, 1)
        keypoints = person.keypoints.copy()
        keypoints[:, :2] = (keypoints[:, :2] - middle) @ axes.T + middle
        person = replace(person, keypoints=keypoints, appearance=replace(
            person.appearance, turn=person.appearance.turn + turn))
        rotated = lifter.step([person], i * STEP, CAMERA)[0].xyz
    expected = upright.copy()
    expected[:, :2] = upright[:, :2] @ axes.T
    np.testing.assert_allclose(rotated, expected, atol=5e-3)
