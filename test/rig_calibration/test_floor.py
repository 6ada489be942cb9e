# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.walked_rigs import walker

from pose_machine_ros.rig_calibration.floor import find_ground, height_above_floor

TURN = Rotation.from_rotvec([0.4, -0.2, 1.0])
SHIFT = np.array([1.0, 2.0, -3.0])
TIMES = np.arange(0, 30, 0.1)


def tilt(up: np.ndarray, true: np.ndarray) -> float:
    return np.degrees(np.arccos(min(1.0, float(up @ true))))


@pytest.mark.parametrize('metre', [1.0, 0.7])
def test_the_floor_of_a_walk_in_any_frame_and_size(metre: float) -> None:
    ground = find_ground(metre * (TURN.apply(walker(TIMES).reshape(-1, 3)) + SHIFT).reshape(
        -1, 12, 3), metre)
    assert tilt(ground.up, TURN.apply([0, 0, 1])) < 0.5
    assert ground.level / metre == pytest.approx(0.09 + ground.up @ SHIFT, abs=0.02)
    assert np.degrees(ground.tilt_sigma) < 1


def test_the_height_of_a_point_above_the_floor() -> None:
    height, sigma = height_above_floor(find_ground(walker(TIMES)), np.array([0.5, 0.5, 2.0]))
    assert height == pytest.approx(2, abs=0.03) and 0.02 < sigma < 0.1


def test_a_person_who_stands_still_gives_the_vertical_by_their_body() -> None:
    joints = np.repeat(walker(TIMES)[:1], 100, 0)
    still = find_ground(joints)
    assert tilt(still.up, np.array([0, 0, 1.0])) < 5
    assert still.tilt_sigma > 2 * find_ground(walker(TIMES)).tilt_sigma


def test_jumps_do_not_lift_the_floor() -> None:
    joints = walker(TIMES)
    joints[::4, :, 2] += 0.4
    ground = find_ground(joints)
    assert ground.level == pytest.approx(0.09, abs=0.03)
    assert tilt(ground.up, np.array([0, 0, 1.0])) < 1
