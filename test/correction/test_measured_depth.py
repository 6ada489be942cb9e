# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Measured depth in the correction: size, consistency with the normal equations, robustness."""

import numpy as np
import pytest
from support.observations import walking
import torch

from pose_machine_ros.correction.geometric import GeometricCorrection
from pose_machine_ros.correction.measured_depth import (
    DepthModel, DepthNormal, measured_rows, MeasuredDepth, scaled_covariance)
from pose_machine_ros.correction.trajectory import motion_coefficients, predict, SIZE, Trajectory
from pose_machine_ros.depth import points
from pose_machine_ros.skeleton import HUMAN36M_17

POINTS = len(points.NAMES)


def scene(size=1.0, sigma=0.03, size_sigma=0.06):
    """Return true positions of 2 people, their observation, and depth as if they were larger."""
    truth, observations = walking(people=2, frames=1)
    truth, seen = truth[:, 0].float(), type(observations[0])(
        *(x.float() for x in observations[0]))
    model = DepthModel()
    at = model._joints @ truth
    thickness = model._thickness(at, model._centers @ truth)
    skin = (at.norm(dim=-1) - thickness).numpy() * size
    rows = measured_rows(skin, np.full_like(skin, sigma), np.ones(2, np.float32),
                         np.full(2, size_sigma, np.float32))
    return truth, seen, model, torch.from_numpy(rows)


def nothing_known(people):
    past = Trajectory(torch.zeros(people, 5, SIZE), torch.zeros(people, 3, SIZE, SIZE))
    return predict(past, torch.tensor([motion_coefficients([], 1.0)] * people), 1.0)


def test_the_size_is_found_exactly_for_a_true_pose():
    for size in (0.9, 1.0, 1.1):
        truth, seen, model, rows = scene(size, sigma=1e-3, size_sigma=0.5)
        found = model(truth, seen.sigma, seen.plane, MeasuredDepth.of(rows)).size
        np.testing.assert_allclose(1 / (1 - found.shift.numpy()), size, rtol=0.03)


def test_most_depths_outvote_a_few_that_are_far_off():
    truth, seen, model, rows = scene()
    rows[:, :4] += 0.8
    found = model(truth, seen.sigma, seen.plane, MeasuredDepth.of(rows))
    assert found.size.shift.abs().max() < 0.02
    assert (found.sharpness[:, :4] < 0.2 * found.sharpness[:, 4:].mean()).all()


def test_the_normal_equations_are_those_of_the_residuals_and_the_size():
    truth, seen, model, rows = scene(1.03)
    residuals = model(truth, seen.sigma, seen.plane, MeasuredDepth.of(rows))
    along = torch.randn(2, POINTS, SIZE, generator=torch.Generator().manual_seed(0))
    normal = DepthNormal.of(residuals, along)
    jacobian = (along * residuals.sharpness).double()
    extended = torch.cat((jacobian, residuals.by_size.double()), 2)
    prior = torch.zeros(SIZE + 1, SIZE + 1).double()
    prior[-1, -1] = 0.06 ** -2
    full = extended.mT @ extended + prior
    schur = full[:, :-1, :-1] - full[:, :-1, -1:] @ full[:, -1:, :-1] / full[:, -1:, -1:]
    right = extended.mT @ residuals.target.double()
    reduced = right[:, :-1] - full[:, :-1, -1:] * right[:, -1:] / full[:, -1:, -1:]
    torch.testing.assert_close(normal.information.double(), schur, rtol=1e-3, atol=1.0)
    torch.testing.assert_close(normal.right.double(), reduced, rtol=1e-3, atol=1.0)


def test_a_person_who_is_too_near_is_moved_to_the_measured_distance():
    truth, seen, model, rows = scene(1.06)
    past = nothing_known(2)
    residuals = model(truth, seen.sigma, seen.plane, MeasuredDepth.of(rows))
    found = GeometricCorrection().with_depth(truth, seen, past, residuals)
    size = 1 / (1 - found.size.shift)
    root = found.positions[:, :3] * size
    assert (root - truth[:, 0] * 1.06).norm(dim=-1).max() < 0.06
    assert (found.size.variance > 0).all()


def test_the_covariance_of_the_scaled_positions_is_small_along_the_view():
    truth, seen, model, rows = scene()
    residuals = model(truth, seen.sigma, seen.plane, MeasuredDepth.of(rows))
    found = GeometricCorrection().with_depth(truth, seen, nothing_known(2), residuals)
    joints = len(HUMAN36M_17)
    own = found.covariance.view(-1, joints, 3, joints, 3).diagonal(0, 1, 3).permute(0, 3, 1, 2)
    scaled = scaled_covariance(own, found.positions.view(-1, joints, 3), found.with_size,
                               found.size.variance, residuals.is_known)
    assert (torch.linalg.eigvalsh(scaled) > 0).all()
    apart = own + scaled_covariance(torch.zeros_like(own), found.positions.view(-1, joints, 3),
                                    None, found.size.variance, residuals.is_known)
    assert (scaled[:, 0, 2, 2] < 0.5 * apart[:, 0, 2, 2]).all()  # size and distance cancel


def test_nothing_measured_changes_nothing():
    truth, seen, model, rows = scene()
    rows[:, 2 * POINTS:3 * POINTS] = 0
    past = nothing_known(2)
    residuals = model(truth, seen.sigma, seen.plane, MeasuredDepth.of(rows))
    with_depth = GeometricCorrection().with_depth(truth, seen, past, residuals)
    positions, covariance = GeometricCorrection()(truth, seen, past)
    torch.testing.assert_close(with_depth.positions, positions, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(with_depth.size.shift, torch.zeros(2, 1))
    assert not residuals.is_known.any()
    root = covariance[:, None, :3, :3]
    torch.testing.assert_close(root, scaled_covariance(
        root, truth[:, :1], None, with_depth.size.variance, residuals.is_known))


@pytest.mark.parametrize('unit', [0.5, 2.0])
def test_rows_are_in_units_of_the_persons_size(unit):
    distance, sigma = np.float32([[2.0, np.nan]]), np.float32([[0.04, 0.04]])
    rows = measured_rows(distance, sigma, np.float32([unit]), np.float32([0.06]))
    np.testing.assert_allclose(
        rows, [[2 / unit, 1, (0.04 / unit) ** 2, 1, 1, 0, 0.06]], rtol=1e-6)
