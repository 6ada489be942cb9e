# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The least squares of several views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.rigs import person_at, pose_around

from pose_machine_ros.fusion.config import FusionConfig
from pose_machine_ros.fusion.solver import bone_lengths, Evidence, SIZE, solve
from pose_machine_ros.skeleton import SHARED_JOINTS

STATURE = 1.7
ANGLES = (0, 70, 160, 250)
WEAK = 1e-9  # information


def evidence(truth: np.ndarray, cameras: int = 2, ages: tuple[float, ...] = (0, 0, 0, 0),
             velocity: np.ndarray = np.zeros(51)) -> Evidence:
    """Return what cameras around a person (17, 3) see without errors, `ages` seconds ago."""
    origins = np.array([pose_around(angle).translation for angle in ANGLES[:cameras]])
    ages = np.array(ages[:cameras])
    then = truth - velocity.reshape(17, 3) * ages[:, None, None]
    rays = then[:, list(SHARED_JOINTS)] - origins[:, None]
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    poses = (truth / STATURE).reshape(1, 51) + np.arange(cameras)[:, None]  # placed anywhere
    return Evidence(
        origins[None], rays[None], np.ones((1, cameras, 13)), ages[None], poses[None],
        np.tile(100 * np.eye(3), (1, cameras, 17, 1, 1)), velocity[None],
        bone_lengths(truth)[None] / STATURE, np.append(truth, STATURE)[None],
        WEAK * np.eye(SIZE)[None], np.array([[STATURE, WEAK]]))


def start(truth: np.ndarray, error: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.append(truth + error * rng.normal(size=3) + error / 3 * rng.normal(size=(17, 3)),
                     STATURE * (1 + error))[None]


@pytest.mark.parametrize('cameras', [2, 3, 4])
def test_views_without_errors_are_solved_exactly(cameras: int) -> None:
    truth = person_at(0.3, -0.2, 0.7)
    found = solve(start(truth, 0.2), evidence(truth, cameras), FusionConfig(), (4.0, 2.0) * 5)
    np.testing.assert_allclose(found.unknowns[0], np.append(truth, STATURE), atol=2e-3)
    assert found.errors.max() < 0.1


def test_the_solution_is_a_minimum() -> None:
    """Another start leads to the same place, and a step from there to nowhere."""
    truth, config = person_at(0, 0), FusionConfig()
    rng = np.random.default_rng(1)
    seen = evidence(truth, 3)
    seen = seen._replace(rays=seen.rays + 0.01 * rng.normal(size=seen.rays.shape),
                         poses=seen.poses + 0.02 * rng.normal(size=seen.poses.shape))
    results = [solve(start(truth, error), seen, config, (1.0,) * 30) for error in (0.0, 0.05)]
    np.testing.assert_allclose(results[0].unknowns, results[1].unknowns, atol=1e-5)
    again = solve(results[0].unknowns, seen, config, (1.0,))
    np.testing.assert_allclose(again.unknowns, results[0].unknowns, atol=1e-6)
    assert np.abs(results[0].unknowns[0] - np.append(truth, STATURE)).max() > 1e-3


def test_older_images_show_where_people_were() -> None:
    truth = person_at(0, 0)
    velocity = np.tile((1.5, -0.5, 0), 17)
    seen = evidence(truth, ages=(0.0, 0.05), velocity=velocity)
    found = solve(start(truth, 0.05), seen, FusionConfig(), (1.0,) * 8)
    np.testing.assert_allclose(found.unknowns[0, :51].reshape(17, 3), truth, atol=2e-3)


def test_a_wrong_keypoint_hardly_counts() -> None:
    truth = person_at(0, 0)
    seen = evidence(truth, 4)
    seen.rays[0, 1, 4] = seen.rays[0, 1, 0]
    found = solve(start(truth, 0.02), seen, FusionConfig(), (1.0,) * 8)
    assert np.abs(found.unknowns[0, :51].reshape(17, 3) - truth).max() < 0.01


def test_the_covariance_is_that_of_the_errors() -> None:
    """Of the solution for rays with the assumed noise, many times."""
    truth, config = person_at(0, 0), replace(FusionConfig(), robust_scale=100.0)
    rng, errors = np.random.default_rng(2), []
    clean = evidence(truth, 3)
    clean = clean._replace(information=clean.information * WEAK)
    for _ in range(60):
        far = np.linalg.norm(truth[list(SHARED_JOINTS)] - clean.origins[0, :, None], axis=-1)
        noise = config.keypoint_sigma / far.mean(-1)[:, None, None] * rng.normal(size=(3, 13, 3))
        rays = clean.rays[0] + noise
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        found = solve(np.append(truth, STATURE)[None], clean._replace(rays=rays[None]), config,
                      (1.0,) * 3)
        errors.append(found.unknowns[0] - np.append(truth, STATURE))
    seen = [3 * joint + axis for joint in SHARED_JOINTS for axis in range(3)]
    variances = np.var(errors, axis=0)[seen], np.diagonal(found.covariance[0])[seen]
    assert np.mean(variances[0]) == pytest.approx(np.mean(variances[1]), rel=0.25)


def test_people_do_not_influence_each_other() -> None:
    config, people = FusionConfig(), [person_at(0, 0), person_at(1, 0.5, 2)]
    seen = [evidence(p, 2) for p in people]
    for e in seen:
        e.rays[:] += 0.01
    together = solve(np.concatenate([start(p, 0.03) for p in people]),
                     Evidence(*(np.concatenate(parts) for parts in zip(*seen))), config)
    for i, (person, e) in enumerate(zip(people, seen)):
        alone = solve(start(person, 0.03), e, config)
        np.testing.assert_allclose(together.unknowns[i], alone.unknowns[0], atol=1e-9)
