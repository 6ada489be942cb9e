# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Quaternions of rotations."""

from __future__ import annotations

import numpy as np
import pytest

from pose_machine_ros.camera.rigid_transform import RigidTransform

HALF_TURNS = [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0.6, 0, 0.8, 1e-9)]


@pytest.mark.parametrize('quaternion', [
    *np.random.default_rng(1).normal(size=(20, 4)), *HALF_TURNS, (0, 0, 0, 1)])
def test_a_quaternion_comes_back(quaternion):
    given = np.asarray(quaternion) / np.linalg.norm(quaternion)
    found = RigidTransform.from_quaternion(given, np.zeros(3)).quaternion()
    assert abs(np.dot(found, given)) == pytest.approx(1, abs=1e-12)  # q and -q are the same
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-12)
