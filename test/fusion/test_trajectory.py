# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the past of a person predicts."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.fusion.config import FusionConfig
from pose_machine_ros.fusion.solver import SIZE
from pose_machine_ros.fusion.trajectory import Trajectory

FRAME = 33_333_333
SPEED = np.append(np.tile((1.0, -0.5, 0.2), 17), 0)
CONFIG = FusionConfig()


def at(stamp_ns: int) -> np.ndarray:
    return np.append(np.zeros(SIZE - 1), 1.7) + SPEED * stamp_ns * 1e-9


def moving(stamps: list[int]) -> Trajectory:
    trajectory = Trajectory()
    for stamp in stamps:
        past = trajectory.predict(stamp, CONFIG) if trajectory.stamps_ns else None
        trajectory.add(stamp, at(stamp), 1e-4 * np.eye(SIZE), past)
    return trajectory


def test_motion_at_constant_speed_is_predicted_whatever_the_steps_are() -> None:
    trajectory = moving([0, FRAME, 3 * FRAME, 3 * FRAME + 2_000_000, 5 * FRAME])
    np.testing.assert_allclose(trajectory.predict(6 * FRAME, CONFIG).mean, at(6 * FRAME), atol=1e-9)
    np.testing.assert_allclose(trajectory.velocity, SPEED[:-1], atol=1e-6)
    expected = trajectory.positions_at(5 * FRAME + 1_000_000).ravel()
    np.testing.assert_allclose(expected, at(5 * FRAME + 1_000_000)[:-1], atol=1e-5)


def test_a_prediction_is_less_certain_the_later_it_is() -> None:
    trajectory = moving([i * FRAME for i in range(6)])
    sigmas = [np.sqrt(np.linalg.inv(trajectory.predict(5 * FRAME + step, CONFIG).information)[0, 0])
              for step in (FRAME // 4, FRAME, 3 * FRAME)]
    assert sigmas == sorted(sigmas) and sigmas[0] < 0.03 < sigmas[2]


def test_the_stature_is_remembered_longer_than_the_pose() -> None:
    trajectory = moving([i * FRAME for i in range(6)])
    covariance = np.linalg.inv(trajectory.predict(6 * FRAME, CONFIG).information)
    assert covariance[-1, -1] < 1.1e-4 < covariance[0, 0]


def test_the_covariance_stays_symmetric_and_positive() -> None:
    trajectory = moving([i * FRAME for i in range(200)])
    past = trajectory.predict(200 * FRAME, CONFIG)
    for matrix in (past.information, trajectory.covariance):
        np.testing.assert_allclose(matrix, matrix.T, rtol=1e-6, atol=1e-9)
        assert np.linalg.eigvalsh(matrix).min() > 0


def test_a_copy_goes_its_own_way() -> None:
    trajectory = moving([0, FRAME])
    other = trajectory.copy()
    other.add(2 * FRAME, at(2 * FRAME), np.eye(SIZE), other.predict(2 * FRAME, CONFIG))
    assert len(trajectory.stamps_ns) == 2 and len(other.stamps_ns) == 3
    np.testing.assert_allclose(trajectory.unknowns, at(FRAME))
