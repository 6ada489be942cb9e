# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.walked_rigs import camera_pose, see, walker

from pose_machine_ros.rig_calibration.bundle_adjustment import BundleAdjustment, RigState, UNKNOWNS
from pose_machine_ros.rig_calibration.observations import Moments
from pose_machine_ros.rig_calibration.people import Person
from pose_machine_ros.rig_calibration.procrustes import rotation_angle, rotation_of

POSES = [camera_pose(0), camera_pose(80), camera_pose(200)]
OFFSETS = np.array([0.0, 0.3, -0.2])


def problem(noise: float = 0.0, seconds: float = 12) -> tuple[BundleAdjustment, Moments, RigState]:
    """Return three cameras and one person, at the true poses."""
    cameras = [see(n, p, offset=o, noise=noise, seconds=seconds)
               for n, p, o in zip('abc', POSES, OFFSETS)]
    moments = Moments(3, [Person(tuple((i, c.tracks[0]) for i, c in enumerate(cameras)))], OFFSETS)
    adjustment = BundleAdjustment(moments, 3, 1)
    from_first = [p.inverse() @ POSES[0] for p in POSES]
    state = adjustment.start(np.stack([p.rotation for p in from_first]),
                             np.stack([p.translation for p in from_first]), OFFSETS)
    return adjustment, moments, state


def disturbed(state: RigState, seed: int = 0) -> RigState:
    """Return a state with cameras off by some degrees, decimetres and hundredths of a second."""
    rng = np.random.default_rng(seed)
    turns = np.stack([np.eye(3), *(rotation_of(0.06 * rng.normal(size=3)) for _ in range(2))])
    moves = np.concatenate((np.zeros((1, 3)), 0.2 * rng.normal(size=(2, 3))))
    times = np.array([0, 0.03, -0.02])
    return replace(state, rotations=turns @ state.rotations,
                   translations=np.einsum('cab,cb->ca', turns, state.translations) + moves,
                   offsets=state.offsets + times)


def test_rays_without_noise_give_the_true_rig() -> None:
    adjustment, moments, state = problem()
    found = adjustment.solve(disturbed(state))
    first = POSES[0].inverse().apply(walker(moments.times))
    size = np.linalg.norm(first, axis=-1).mean() / np.linalg.norm(found.joints, axis=-1).mean()
    for i in (1, 2):
        assert rotation_angle(found.rotations[i].T @ state.rotations[i]) < np.radians(0.02)
        assert size * found.translations[i] == pytest.approx(state.translations[i], abs=0.004)
    assert found.offsets == pytest.approx(OFFSETS, abs=5e-4)
    assert np.linalg.norm(size * found.joints - first, axis=-1).mean() < 0.01


def test_synchronised_cameras_keep_their_offsets() -> None:
    _, moments, state = problem()
    found = BundleAdjustment(moments, 3, 1, synchronised=True).solve(state)
    np.testing.assert_array_equal(found.offsets, OFFSETS)


def test_a_fifth_of_wrong_rays_does_little() -> None:
    adjustment, moments, state = problem()
    observe = moments.observe

    def wrong(offsets: np.ndarray) -> object:
        seen, rng = observe(offsets), np.random.default_rng(3)
        bad = rng.random(seen.scores.shape) < 0.2
        turned = seen.directions + 0.3 * rng.normal(size=seen.directions.shape)
        turned /= np.linalg.norm(turned, axis=-1, keepdims=True)
        return replace(seen, directions=np.where(bad[..., None], turned, seen.directions))

    moments.observe = wrong
    found = adjustment.solve(disturbed(state))
    for i in (1, 2):
        assert rotation_angle(found.rotations[i].T @ state.rotations[i]) < np.radians(0.2)


def test_the_derivatives_are_those_of_the_residuals() -> None:
    adjustment, moments, state = problem(noise=0.02, seconds=3)
    observed = moments.observe(state.offsets)
    found = adjustment.residuals(state, observed)
    depths = np.einsum('cnja,cnja->cnj', found.points, np.nan_to_num(observed.directions))
    by_camera, step = adjustment.by_camera(found), 1e-6
    for unknown in range(UNKNOWNS):
        move = np.zeros(UNKNOWNS)
        move[unknown] = step
        turn = rotation_of(move[:3])
        moved = replace(
            state, rotations=turn @ state.rotations, offsets=state.offsets + move[6],
            translations=state.translations @ turn.T + move[3:6])
        after = adjustment.residuals(moved, observed, depths=depths,
                                     observed_offsets=state.offsets)
        is_seen = found.weights > 0
        np.testing.assert_allclose(((after.rays - found.rays) / step)[is_seen],
                                   by_camera[..., unknown][is_seen], atol=1e-4)


def test_the_gradient_is_zero_at_the_solution_and_the_size_is_kept() -> None:
    adjustment, moments, state = problem(noise=0.02)
    found = adjustment.solve(state)
    assert found.lengths.sum() == pytest.approx(state.lengths.sum(), rel=1e-5)
    before, after = (adjustment.normal_equations(s, adjustment.residuals(
        s, moments.observe(s.offsets))).gradients.sum(0)[adjustment.free][:-12]
        for s in (disturbed(state), found))
    assert np.abs(after).max() < 0.02 * np.abs(before).max()
