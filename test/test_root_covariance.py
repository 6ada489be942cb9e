# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The covariance of the trunk is that of errors drawn at random, and NaN is what is not known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.people import skeleton, standing

from pose_machine_ros import root_covariance as module
from pose_machine_ros.body_frame import body_frame, TRUNK
from pose_machine_ros.orientations import joint_axes
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.root_covariance import PELVIS, root_covariances
from pose_machine_ros.skeleton import HUMAN36M_17

SEEDS = range(4)
CAMERA = np.zeros(3)


def person(seed: int, scale: float = 1e-4, **changes: object) -> Skeleton:
    """Return a person with small covariances, turned at random."""
    rng = np.random.default_rng(seed)
    spread = rng.normal(size=(17, 3, 3)) * rng.uniform(0.3, 1, (17, 1, 3))
    values = {'turn': Rotation.random(random_state=seed),
              'covariance': scale * spread @ spread.swapaxes(-1, -2), **changes}
    return standing(**values)


def covariance_of(*people: Skeleton, viewpoint: np.ndarray | None = CAMERA) -> np.ndarray:
    """Return the covariances (P, 6, 6) of people; joints with the score 0 are unknown."""
    known = [p.joint_scores > 0 for p in people]
    xyz = np.array([np.where(k[:, None], p.xyz, np.nan) for p, k in zip(people, known)])
    covariance = np.array([
        np.where(k[:, None, None], p.covariance, np.nan) for p, k in zip(people, known)])
    return root_covariances(
        xyz, covariance, joint_axes(xyz)[:, HUMAN36M_17.index('spine')],
        np.array([p.stature_sigma / p.stature for p in people]), viewpoint)


@pytest.mark.parametrize('seed', SEEDS)
def test_rotations_of_independent_errors_have_the_covariance(
        seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, '_DIFFERENCE_FACTOR', 1.0)
    given = person(seed)
    axes, rng = body_frame(given).axes, np.random.default_rng(seed)
    # First order is exact for small errors only; position and covariance are float32.
    xyz, factor = given.xyz.astype(np.float64), np.linalg.cholesky(given.covariance)
    turns = []
    for _ in range(1000):
        moved = xyz + (factor @ rng.normal(size=(17, 3, 1)))[..., 0]
        frame = body_frame(skeleton(xyz=moved))
        turns.append(Rotation.from_matrix(frame.axes @ axes.T).as_rotvec())
    expected = np.cov(np.array(turns).T)
    found = covariance_of(given)[0, 3:, 3:]
    np.testing.assert_allclose(found, expected, atol=0.1 * np.trace(expected))


@pytest.mark.parametrize('seed', SEEDS)
def test_the_covariance_turns_with_the_person_and_does_not_move(seed: int) -> None:
    given, turn = person(seed), Rotation.random(random_state=seed + 50).as_matrix()
    turned = skeleton(xyz=given.xyz @ turn.T + [1, 2, 3],
                      covariance=turn @ given.covariance @ turn.T)
    found, expected = covariance_of(turned, given, viewpoint=None)
    for part in (slice(3), slice(3, 6)):
        np.testing.assert_allclose(
            found[part, part], turn @ expected[part, part] @ turn.T, rtol=1e-3, atol=1e-6)
    np.testing.assert_array_equal(found[:3, 3:], 0)
    assert (np.linalg.eigvalsh(found) > 0).all()


def test_an_uncertain_size_moves_the_person_and_does_not_turn_them() -> None:
    given = person(0)
    sigma, viewpoint = 0.06, np.array((1.0, -2.0, 0.5))
    away = (given.xyz - viewpoint) * sigma
    larger = person(0, stature=1.7, stature_sigma=1.7 * sigma,
                    covariance=given.covariance + away[:, :, None] * away[:, None])
    (found,), (expected,) = (covariance_of(p, viewpoint=v)
                             for p, v in ((larger, viewpoint), (given, None)))
    np.testing.assert_allclose(found[3:, 3:], expected[3:, 3:], rtol=0.02, atol=1e-6)
    assert np.trace(found[:3, :3]) > 100 * np.trace(expected[:3, :3])
    # Of several cameras the covariance holds no such part.
    fused, = covariance_of(larger, viewpoint=None)
    assert np.trace(fused[3:, 3:]) > 10 * np.trace(expected[3:, 3:])


def test_the_position_is_that_of_the_pelvis() -> None:
    given = person(1)
    np.testing.assert_array_equal(covariance_of(given)[0, :3, :3], given.covariance[PELVIS])
    np.testing.assert_allclose(body_frame(given).origin, given.xyz[PELVIS], atol=1e-6)


@pytest.mark.parametrize('joint', TRUNK)
def test_a_trunk_with_an_unknown_joint_has_no_rotation(joint: int) -> None:
    given = person(2)
    given.joint_scores[joint] = 0
    found, whole = covariance_of(given, person(2))
    assert np.isnan(found[3:]).all() and np.isnan(found[:, 3:]).all()
    assert np.isfinite(found[:3, :3]).all() and np.isfinite(whole).all()


def test_without_a_pelvis_there_is_no_position() -> None:
    given = person(3)
    given.joint_scores[PELVIS] = 0
    found, nowhere = covariance_of(given, skeleton(xyz=np.full((17, 3), np.nan)))
    assert np.isnan(found[:3, :3]).all() and np.isfinite(found[3:, 3:]).all()
    assert np.isnan(nowhere[3:]).all()


@pytest.mark.parametrize('seed', SEEDS)
def test_the_covariance_stays_one_if_the_size_explains_more_than_it(seed: int) -> None:
    found, = covariance_of(person(seed, stature=1.7, stature_sigma=0.5))
    assert (np.linalg.eigvalsh(found) > 0).all()
    nothing = person(seed, covariance=np.zeros((17, 3, 3)), stature=1.7, stature_sigma=0.1)
    np.testing.assert_allclose(covariance_of(nothing), 0, atol=1e-5)
