# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The floor from people's feet: exact data give the true plane, and little data say so."""

from __future__ import annotations

from dataclasses import replace
import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.people import standing

from pose_machine_ros.camera.rotations import quarter_turn, ROTATIONS
from pose_machine_ros.correction.floor_estimate import FloorEstimate, FloorEstimator
from pose_machine_ros.pose import Skeleton, TrackingState
from pose_machine_ros.skeleton import HUMAN36M_17

ANKLES = HUMAN36M_17.indices(('left_ankle', 'right_ankle'))
STILL = np.zeros((17, 3), np.float32)


def people(height: float, pitch: float = 0.0, roll: float = 0.0, rotation: int = 0,
           statures: tuple[float, ...] = (1.7,), places: int = 8,
           noise: float = 0.0) -> list[Skeleton]:
    """Return people who stand at several places on the floor below a camera.

    They seem to be 1.7 m tall, as to a camera that does not know their `statures`.
    """
    random = np.random.default_rng(3)
    turn = (Rotation.from_euler('z', roll) * Rotation.from_euler('x', pitch)).as_matrix()
    upright = quarter_turn(rotation).astype(np.float64)
    found = []
    for number, stature in enumerate(statures):
        for x, z in random.uniform((-2, 2), (2, 7), (places, 2)):
            body = standing(at=(0, 0, 0)).xyz.astype(np.float64)
            body *= stature / 1.7
            body += (x, height - 0.09 * stature / 1.7 - body[ANKLES, 1].max(), z)
            seen = (body @ turn.T + random.normal(scale=noise, size=3)) @ upright * 1.7 / stature
            found.append(standing(f'p{number}', velocity=STILL, stature=1.7, stature_sigma=0.1))
            found[-1] = replace(found[-1], xyz=np.float32(seen))
    return found


def estimated(skeletons: list[Skeleton], rotation: int = 0) -> FloorEstimate | None:
    made = FloorEstimator(rotation)
    made.add(skeletons)
    return made.estimate()


@pytest.mark.parametrize('height, pitch, roll', [
    (1.2, 0.0, 0.0), (0.5, -0.15, 0.03), (2.4, 0.5, -0.05)])
def test_feet_in_many_places_show_height_and_tilt(height, pitch, roll) -> None:
    found = estimated(people(height, pitch, roll, places=30))
    up = Rotation.from_euler('z', roll).apply((0, -math.cos(pitch), -math.sin(pitch)))
    assert math.degrees(math.acos(min(np.dot(found.floor.normal, up), 1))) < 0.7
    assert found.floor.height == pytest.approx(height, abs=0.05)
    assert found.pitch == pytest.approx(pitch, abs=0.01)
    assert found.people == 1


@pytest.mark.parametrize('rotation', ROTATIONS)
def test_the_floor_is_in_the_frame_of_the_image_as_given(rotation) -> None:
    found = estimated(people(1.2, 0.3, rotation=rotation), rotation)
    upright = quarter_turn(rotation) @ found.floor.normal
    np.testing.assert_allclose(upright, (0, -math.cos(0.3), -math.sin(0.3)), atol=0.03)
    assert found.pitch == pytest.approx(0.3, abs=0.03)


def test_one_person_leaves_the_height_as_uncertain_as_their_size_and_many_less() -> None:
    one = estimated(people(1.2, 0.1, places=40))
    many = estimated(people(1.2, 0.1, statures=(1.6, 1.75, 1.7, 1.62, 1.85, 1.68), places=20))
    assert one.height_sigma / one.floor.height > 0.05
    assert many.height_sigma < 0.6 * one.height_sigma
    assert many.floor.height == pytest.approx(1.2, abs=0.06)


def test_a_child_among_adults_does_not_move_the_floor_much() -> None:
    found = estimated(people(1.2, 0.1, statures=(1.7, 1.7, 1.7, 1.7, 1.1)))
    assert abs(found.floor.height - 1.2) < 3 * found.height_sigma


def test_a_person_who_stays_in_one_place_leaves_the_tilt_uncertain() -> None:
    here = people(1.2, 0.1, places=1)
    found = estimated(here * 500)
    assert found.pitch_sigma > 3 * estimated(people(1.2, 0.1, places=30)).pitch_sigma


def test_the_truth_is_within_the_uncertainty() -> None:
    away = []
    for pitch in np.linspace(-0.2, 0.4, 13):
        found = estimated(people(1.3, pitch, statures=(1.6, 1.7, 1.8), noise=0.07))
        away.append(((found.pitch - pitch) / found.pitch_sigma,
                     (found.floor.height - 1.3) / found.height_sigma))
    assert (np.abs(away) < 2).mean() > 0.9


def test_feet_that_move_or_are_not_seen_count_for_nothing() -> None:
    still = people(1.2)
    weak = still[0].joint_scores.copy()
    weak[ANKLES[0]] = 0.1
    for change in ({'velocity': STILL + 1}, {'joint_scores': weak}, {'stature': math.nan},
                   {'state': TrackingState.PREDICTED}):
        assert estimated([replace(s, **change) for s in still]) is None


def test_memory_is_bounded() -> None:
    made = FloorEstimator()
    for i in range(600):
        made.add([replace(people(1.2, places=1)[0], id=f'p{i}')])
    assert len(made._cells) == len(made._axes) == 200
    assert made.estimate().people == 200


def test_the_text_says_how_certain_it_is() -> None:
    text = str(estimated(people(1.2, 0.2, places=30)))
    assert text.startswith('1.2') and ' m +- 0.' in text and 'pitch 12 deg +- ' in text
    assert text.endswith('from 1 people')
