# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
import math

import pytest
from support.walked_rigs import camera_pose, see

from pose_machine_ros.rig_calibration.alignment import align
from pose_machine_ros.rig_calibration.procrustes import rotation_angle
from pose_machine_ros.rig_calibration.tracks import Track

A, B = camera_pose(0), camera_pose(100)
TRUTH = A.inverse() @ B


@pytest.mark.parametrize('offset', [-1.3, 0.0, 0.7])
def test_pose_and_offset_of_a_second_camera(offset: float) -> None:
    found = align(see('a', A), see('b', B, offset=offset), 2.0)
    assert found.offset == pytest.approx(offset, abs=0.05)
    assert math.degrees(rotation_angle(found.pose.rotation.T @ TRUTH.rotation)) < 5
    assert found.pose.translation == pytest.approx(TRUTH.translation, abs=0.5)
    assert found.agreement > 100


def test_a_camera_that_misses_the_person_for_a_while() -> None:
    camera = see('b', B)
    track, = camera.tracks
    seen = (track.times < 5) | (track.times > 7)
    found = align(see('a', A), replace(camera, tracks=[Track('p', *(x[seen] for x in (
        track.times, track.rays, track.scores, track.joints)))]), 1.0)
    assert found.pose.translation == pytest.approx(TRUTH.translation, abs=0.5)
    assert found.agreement > 80


def test_the_inverse_is_the_alignment_of_the_first_camera() -> None:
    there = align(see('a', A), see('b', B, offset=0.5), 2.0)
    back = there.inverse()
    assert back.offset == -there.offset and back.agreement == there.agreement
    assert (there.pose @ back.pose).translation == pytest.approx([0, 0, 0], abs=1e-9)


def test_people_are_matched_whatever_their_order() -> None:
    found = align(see('a', A, (0, 1, 2)), see('b', B, (2, 0, 1), offset=0.4), 2.0)
    assert {(m.first, m.second) for m in found.matches} == {(0, 1), (1, 2), (2, 0)}
    assert found.offset == pytest.approx(0.4, abs=0.1)


@pytest.mark.parametrize('person', [3, 5, 7])
def test_different_people_are_not_matched(person: int) -> None:
    assert align(see('a', A, (0,)), see('b', B, (person,)), 0.0) is None


def test_recordings_that_do_not_overlap_have_no_alignment() -> None:
    assert align(see('a', A), see('b', B, start=30), 2.0) is None
