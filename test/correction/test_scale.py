# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import math

import numpy as np
import pytest
from support import captured
import torch

from pose_machine_ros.correction.scale import Floor, floor_below, PersonScale
from pose_machine_ros.errors import InputError
from pose_machine_ros.skeleton import HUMAN36M_17


def standing(distance=3.0, camera_height=1.0):
    """Return a nominal adult on the floor before a level camera, (17, 3)."""
    x, y, z = captured.standing()[:len(HUMAN36M_17)].T
    return np.stack((x, camera_height - z, distance + y), -1)


@pytest.mark.parametrize('true', (0.9, 1.0, 1.1))
def test_the_floor_determines_the_size(true):
    floor = floor_below(1.0, 0)
    # The person is `true` times as large, so the nominal pose is nearer than the person.
    looks = standing() * [1, 1, 1]
    ankles = [HUMAN36M_17.index(f'{s}_ankle') for s in ('left', 'right')]
    looks *= (1.0 - 0.09) / looks[ankles, 1].max() / true
    scale = PersonScale(1.0, 0.06)
    for _ in range(300):
        scale.update_from_floor(looks, floor, 1 / 30)
    assert scale.ratio == pytest.approx(true, rel=0.05)
    assert scale.sigma < 0.04


def test_one_measurement_changes_the_size_by_little():
    scale = PersonScale(1.0, 0.02)
    scale.update_from_floor(standing() * 1.2, floor_below(1.0, 0), 0)
    assert 0.95 < scale.ratio < 1.0
    assert scale.sigma < 0.02


def test_jumps_and_feet_near_the_height_of_the_camera_are_ignored():
    scale = PersonScale(1.0, 0.06)
    jumping = standing() - [0, 0.5, 0]
    scale.update_from_floor(jumping, floor_below(1.0, 0), 0)
    scale.update_from_floor(standing(camera_height=0.15), floor_below(0.15, 0), 0)
    assert (scale.ratio, scale.sigma) == (1.0, 0.06)


def test_a_camera_that_looks_down_sees_the_floor_in_front():
    floor = floor_below(1.2, math.radians(30))
    # The point of the floor on the optical axis, 1.2 m / sin(30 degrees) away.
    assert np.dot(floor.normal, [0, 0, 2.4]) + floor.height == pytest.approx(0)
    level = torch.tensor(floor_below(1.2, 0).normal)
    torch.testing.assert_close(level, torch.tensor([0.0, -1.0, 0.0]), atol=1e-7, rtol=0)


@pytest.mark.parametrize('normal, height', [((0, -2, 0), 1), ((0, -1, 0), 0),
                                            ((0, float('nan'), 0), 1), ((0, -1, 0), float('inf'))])
def test_an_impossible_floor_is_refused(normal, height):
    with pytest.raises(InputError, match='not usable'):
        Floor(normal, height)
