# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

from pose_machine_ros.fusion.residual_watch import ResidualWatch

STEP = 33_333_333  # ns


def watched(frames: int, **residuals: float) -> ResidualWatch:
    watch = ResidualWatch()
    for i in range(frames):
        watch.add(residuals, i * STEP)
    return watch


def test_one_camera_of_three_is_named() -> None:
    complaints = watched(90, left=0.9, middle=1.4, right=5.0).complaints()
    assert set(complaints) == {'right'} and '5.0 standard' in complaints['right']


def test_of_two_cameras_both_are_named() -> None:
    complaints = watched(90, left=1.2, right=4.0).complaints()
    assert set(complaints) == {'left', 'right'}
    assert all('left and right' in text for text in complaints.values())


def test_nobody_is_named_before_two_seconds_or_for_one_bad_view() -> None:
    assert not watched(55, left=9.0, right=1.0, middle=1.0).complaints()
    watch = watched(90, left=1.0, right=1.0, middle=1.0)
    watch.add({'left': 60.0}, 90 * STEP)
    assert not watch.complaints()


def test_a_camera_that_is_right_again_is_no_longer_named() -> None:
    watch = watched(90, left=1.0, middle=1.0, right=6.0)
    assert watch.complaints()
    for i in range(90, 180):
        watch.add({'left': 1.0, 'middle': 1.0, 'right': 1.0}, i * STEP)
    assert not watch.complaints()


def test_cameras_that_see_nobody_do_not_count() -> None:
    assert not watched(90, left=math.nan, right=1.0).complaints()
    watch = watched(90, left=1.0, gone=6.0, right=1.0)
    for i in range(90, 180):
        watch.add({'left': 1.0, 'right': 6.0}, i * STEP)
    assert set(watch.complaints()) == {'left', 'right'}  # of two, since the third one is gone


def test_reset_forgets() -> None:
    watch = watched(90, left=1.0, right=6.0)
    watch.reset()
    assert not watch.complaints()
