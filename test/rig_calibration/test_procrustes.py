# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose_machine_ros.rig_calibration.procrustes import (
    cross_matrix, nearest_rotation, rotation_angle, rotation_of, rotation_vector)


def test_vectors_that_are_turned_are_turned_back() -> None:
    rng = np.random.default_rng(0)
    turns = Rotation.random(5, rng).as_matrix()
    vectors = rng.normal(size=(5, 8, 3))
    turned = np.einsum('nab,nkb->nka', turns, vectors)
    found, traces = nearest_rotation(np.einsum('nka,nkb->nab', turned, vectors))
    np.testing.assert_allclose(found, turns, atol=1e-9)
    np.testing.assert_allclose(traces, np.square(vectors).sum((1, 2)))


def test_a_reflection_is_never_the_answer() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(8, 3))
    found, _ = nearest_rotation((vectors * (-1, 1, 1)).T @ vectors)
    assert np.linalg.det(found) == pytest.approx(1)


@pytest.mark.parametrize('angle', [1e-12, 1e-4, 1.0, 3.0])
def test_rotations_and_their_vectors(angle: float) -> None:
    axis = np.array([2.0, -1, 0.5])
    vector = angle * axis / np.linalg.norm(axis)
    rotation = rotation_of(vector)
    np.testing.assert_allclose(rotation, Rotation.from_rotvec(vector).as_matrix(), atol=1e-12)
    np.testing.assert_allclose(rotation_vector(rotation), vector, atol=1e-9)
    assert rotation_angle(rotation) == pytest.approx(angle, abs=1e-9)


def test_half_a_turn_has_the_angle_pi() -> None:
    assert rotation_angle(np.diag([-1.0, -1, 1])) == pytest.approx(np.pi)


def test_the_cross_matrix_multiplies_as_the_cross_product() -> None:
    a, b = np.random.default_rng(2).normal(size=(2, 4, 3))
    np.testing.assert_allclose(np.einsum('nab,nb->na', cross_matrix(a), b), np.cross(a, b))
