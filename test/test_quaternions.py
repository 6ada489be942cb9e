# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Quaternions are those of SciPy, for any rotation and any shape."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose_machine_ros.quaternions import quaternions_of

# Half turns, of which w is 0, and rotations close to them.
HALF_TURNS = Rotation.from_rotvec(np.pi * np.array(
    [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.6, 0, 0.8], [1 - 1e-9, 0, 0], [0, 0, 1 - 1e-9]]))


@pytest.mark.parametrize('rotations', [Rotation.random(300, random_state=1), HALF_TURNS])
def test_quaternions_are_those_of_the_rotations(rotations: Rotation) -> None:
    found = quaternions_of(rotations.as_matrix())
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), 1, atol=1e-12)
    np.testing.assert_allclose(
        Rotation.from_quat(found).as_matrix(), rotations.as_matrix(), atol=1e-7)
    assert (found[:, 3] >= 0).all()


def test_any_shape_is_converted_and_nan_stays() -> None:
    matrices = Rotation.random(6, random_state=2).as_matrix().reshape(2, 3, 3, 3)
    matrices[1, 2] = np.nan
    found = quaternions_of(matrices)
    assert found.shape == (2, 3, 4) and np.isnan(found[1, 2]).all()
    np.testing.assert_array_equal(found[0, 1], quaternions_of(matrices[0, 1]))
    assert np.isfinite(found[0]).all() and np.isfinite(found[1, :2]).all()
