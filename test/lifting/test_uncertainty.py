# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Covariances and scores of joints and people."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.walkers import CAMERA, play, seen, STEP, unseen
import torch

from pose_machine_ros.correction.trajectory import slope_fit, slope_weights, SlopeFit
from pose_machine_ros.lifting.uncertainty import (
    add_size_covariance, lifter_covariance, probability_within, velocity_covariance)
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


@pytest.mark.parametrize('ages', [[0.0], [0, 0.1], [0, 0.03, 0.1, 0.2, 0.21], [0, 1, 2, 3, 4, 5]])
def test_the_fit_of_a_slope_is_the_noise_and_the_age_of_its_positions(ages):
    rng = np.random.default_rng(0)
    noise, age = slope_fit(ages)
    slopes = rng.normal(size=(20_000, 5)) @ slope_weights(ages)
    assert noise == pytest.approx(slopes.var(), rel=0.05)
    # A line through positions with a constant acceleration of 2 has the slope of their mean time.
    positions = np.square(np.append(np.array(ages[:5]), np.zeros(5))[:5])
    if len(ages) in (2, 6):  # evenly spaced
        assert positions @ slope_weights(ages) == pytest.approx(-2 * age)


def of_velocity(covariance, velocity, fit, size_sigma=0.0, correction='geometric'):
    return velocity_covariance(
        covariance[None], velocity[None], np.array([size_sigma]), [fit], correction)[0]


def random_joints(seed=0):
    """Return covariances (17, 3, 3) of positions and velocities (17, 3)."""
    rng = np.random.default_rng(seed)
    spread = 0.1 * rng.normal(size=(17, 3, 3))
    return spread @ spread.swapaxes(-1, -2), rng.normal(size=(17, 3))


def test_noise_age_and_size_add_to_the_covariance_of_the_velocity():
    covariance, velocity = random_joints()
    rest = np.zeros((17, 3))
    noisy = of_velocity(covariance, rest, SlopeFit(90.0, 0.0))
    np.testing.assert_allclose(noisy, noisy[0, 0, 0] / covariance[0, 0, 0] * covariance)
    assert 0 < noisy[0, 0, 0] < 90 * covariance[0, 0, 0]  # less than that of independent errors
    nothing = np.zeros((17, 3, 3))
    late = of_velocity(nothing, rest, SlopeFit(90.0, 0.1))
    later = of_velocity(nothing, rest, SlopeFit(90.0, 0.2))
    np.testing.assert_allclose(later, 4 * late)
    moving = of_velocity(nothing, velocity, SlopeFit(90.0, 0.1))
    assert (moving.diagonal(0, 1, 2) > late.diagonal(0, 1, 2)).all()
    wrist, thorax = (HUMAN36M_17.index(n) for n in ('left_wrist', 'thorax'))
    assert late[wrist, 0, 0] > late[thorax, 0, 0]
    sized = of_velocity(covariance, velocity, SlopeFit(90.0, 0.1), 0.05)
    extra = sized - of_velocity(covariance, velocity, SlopeFit(90.0, 0.1))
    np.testing.assert_allclose(extra, 0.05 ** 2 * velocity[:, :, None] * velocity[:, None],
                               atol=1e-6)


def test_the_covariance_of_the_velocity_turns_with_the_person():
    turn = Rotation.random(random_state=3).as_matrix()
    covariance, velocity = random_joints(1)
    fit = SlopeFit(90.0, 0.07)
    turned = of_velocity(turn @ covariance @ turn.T, velocity @ turn.T, fit, 0.05)
    np.testing.assert_allclose(
        turned, turn @ of_velocity(covariance, velocity, fit, 0.05) @ turn.T, atol=1e-6)


@pytest.mark.parametrize('correction', ['none', 'geometric', 'learned', 'paper'])
def test_the_velocity_of_a_first_frame_is_not_known(correction):
    found = of_velocity(*random_joints(2), slope_fit([0.0]), correction=correction)
    assert (np.linalg.eigvalsh(found) > 0.5 ** 2).all()


def test_the_lifter_gives_a_covariance_of_the_velocity_that_covers_the_errors(lifter):
    skeletons = play(lifter, 30)
    truth = np.array([0.02 / (STEP * 1e-9), 0, 0])
    for skeleton in skeletons[5:]:
        assert (np.linalg.eigvalsh(skeleton.velocity_covariance) > 0).all()
    away = np.array([(s.velocity - truth) / np.sqrt(s.velocity_covariance.diagonal(0, 1, 2))
                     for s in skeletons[10:]])
    assert (np.abs(away) < 1).mean() > 0.68
    sigma = np.sqrt([np.trace(s.velocity_covariance[0]) for s in skeletons])
    assert sigma[0] > sigma[-1] and sigma[-1] < 1.0


def test_the_velocity_of_an_unseen_person_becomes_uncertain_and_has_no_rays(lifter):
    last = play(lifter, 6)[-1]
    assert np.isfinite(last.rays).all(-1).sum() == np.isfinite(last.keypoints).all(-1).sum() > 0
    np.testing.assert_allclose(
        np.linalg.norm(last.rays[np.isfinite(last.rays).all(-1)], axis=-1), 1, atol=1e-5)
    before = last.velocity_covariance
    for i in range(6, 9):
        gone, = lifter.step([unseen()], i * STEP, CAMERA)
        assert np.isnan(gone.rays).all()
        np.testing.assert_array_equal(gone.velocity, last.velocity)
        assert (gone.velocity_covariance.diagonal(0, 1, 2) > before.diagonal(0, 1, 2)).all()
        before = gone.velocity_covariance
