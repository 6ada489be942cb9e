# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Quaternions against matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose_machine_ros.camera.quaternions import multiply, quaternions_of, rotate, slerp
from pose_machine_ros.camera.rigid_transform import RigidTransform

HALF_TURNS = [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0.6, 0, 0.8, 1e-9)]


@pytest.mark.parametrize('quaternion', [
    *np.random.default_rng(1).normal(size=(20, 4)), *HALF_TURNS, (0, 0, 0, 1)])
def test_a_quaternion_comes_back(quaternion):
    given = np.asarray(quaternion) / np.linalg.norm(quaternion)
    found = RigidTransform.from_quaternion(given, np.zeros(3)).quaternion()
    assert abs(np.dot(found, given)) == pytest.approx(1, abs=1e-12)  # q and -q are the same
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-12)


def test_many_matrices_are_converted_at_once_and_nan_stays():
    rotations = Rotation.random(12, random_state=2).as_matrix().reshape(2, 6, 3, 3)
    rotations[1, 2] = np.nan
    found = quaternions_of(rotations)
    assert found.shape == (2, 6, 4) and np.isnan(found[1, 2]).all()
    found, rotations = (np.delete(x.reshape(12, -1), 8, 0) for x in (found, rotations))
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), 1, atol=1e-12)
    np.testing.assert_allclose(
        Rotation.from_quat(found).as_matrix().reshape(11, 9), rotations, atol=1e-12)
    assert (found[:, 3] >= 0).all()
    np.testing.assert_allclose(quaternions_of(rotations[3].reshape(3, 3)), found[3], atol=1e-15)


def test_products_and_turned_vectors_are_those_of_matrices():
    random = np.random.default_rng(2)
    for p, q in normalize(random.normal(size=(50, 2, 4))):
        a, b = (RigidTransform.from_quaternion(x, np.zeros(3)).rotation for x in (p, q))
        found = RigidTransform.from_quaternion(np.array(multiply(p, q)), np.zeros(3)).rotation
        np.testing.assert_allclose(found, a @ b, atol=1e-12)
        v = random.normal(size=3)
        np.testing.assert_allclose(rotate(p, v), a @ v, atol=1e-12)


def normalize(quaternions: np.ndarray) -> np.ndarray:
    return quaternions / np.linalg.norm(quaternions, axis=-1, keepdims=True)


def test_slerp_starts_and_ends_at_its_arguments_and_takes_the_shorter_way():
    random = np.random.default_rng(3)
    for p, q in normalize(random.normal(size=(50, 2, 4))):
        assert abs(np.dot(slerp(p, q, 0.0), p)) == pytest.approx(1)
        assert abs(np.dot(slerp(p, q, 1.0), q)) == pytest.approx(1)
        middle = slerp(p, q, 0.5)
        assert abs(np.dot(middle, p)) == pytest.approx(abs(np.dot(middle, q)))
        assert abs(np.dot(middle, p)) >= np.cos(np.pi / 4) - 1e-9
        np.testing.assert_allclose(slerp(p, -q, 0.3), slerp(p, q, 0.3), atol=1e-12)
