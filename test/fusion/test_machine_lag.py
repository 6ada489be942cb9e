# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Views that are behind those of the other cameras."""

from __future__ import annotations

from support.rigs import person_at, pose_around, seen_from

from pose_machine_ros.fusion.machine import FusedPoseMachine
from pose_machine_ros.fusion.view import View

LEFT, RIGHT = pose_around(0), pose_around(100)


def test_somebody_whom_only_a_camera_far_behind_sees_is_not_reported() -> None:
    machine = FusedPoseMachine()
    here, there = person_at(0.0, 0.0), person_at(2.0, 2.0)
    for i in range(10):
        now = (i + 100) * 33_000_000
        people = machine.step([
            View('left', now, LEFT, [seen_from(LEFT, here, 'a')]),
            View('right', now - 400_000_000, RIGHT, [seen_from(RIGHT, there, 'b')])])
        assert [p.seen_by for p in people] == [('left',)]
    assert machine.step([View('left', now + 33_000_000, LEFT, [])])
