# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from support.walked_rigs import camera_pose, see

from pose_machine_ros.errors import InputError
from pose_machine_ros.rig_calibration import relative_rig
from pose_machine_ros.rig_calibration.observations import Moments
from pose_machine_ros.rig_calibration.people import Person
from pose_machine_ros.rig_calibration.relative_rig import solve_rig

POSES = [camera_pose(0), camera_pose(70, 5.0, 1.2)]
CAMERAS = [see(name, pose) for name, pose in zip('ab', POSES)]
TOGETHER = Person(tuple((i, camera.tracks[0]) for i, camera in enumerate(CAMERAS)))
# Two tracks, one after the other
APART = Person(tuple((i, see(name, pose, (1,), seconds=3, start=start).tracks[0])
                     for i, (name, pose, start) in enumerate(zip('ab', POSES, (14.0, 20.0)))))


def test_people_without_a_common_moment_are_left_out() -> None:
    offsets = np.zeros(2)
    moments, alone = (Moments(2, people, offsets) for people in ([APART, TOGETHER], [TOGETHER]))
    assert moments.people == 1 and set(moments.person) == {0}
    np.testing.assert_array_equal(moments.times, alone.times)
    np.testing.assert_array_equal(moments.observe(offsets).scores, alone.observe(offsets).scores)
    np.testing.assert_array_equal(moments.estimates(offsets), alone.estimates(offsets))


def test_a_rig_is_solved_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = solve_rig(CAMERAS, 2.0).state
    monkeypatch.setattr(relative_rig, 'find_people', lambda *_: [APART, TOGETHER])
    found = solve_rig(CAMERAS, 2.0).state
    np.testing.assert_allclose(found.translations, expected.translations)
    assert len(found.lengths) == 1


def test_a_rig_with_nobody_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relative_rig, 'find_people', lambda *_: [APART])
    with pytest.raises(InputError, match='no person was seen by b and by a at the same time'):
        solve_rig(CAMERAS, 2.0)
