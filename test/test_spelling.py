# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A name that is not known gets the one that is meant, or none."""

from __future__ import annotations

import pytest

from pose_machine_ros.spelling import hint, nearest

KNOWN = (
    'device', 'fov', 'lazy', 'max_people', 'person_height', 'camera_height',
    'camera_pitch', 'detect_interval', 'min_keypoint_score', 'max_gap', 'id_prefix',
    'image.transport', 'image.reliability', 'tracking.search_interval', 'tracking.max_age',
    'tracking.min_size', 'keypoints2d.detector_size', 'keypoints2d.min_person_score',
    'correction.mode', 'correction.fading', 'diagnostics.warn_rate', 'diagnostics.error_rate')


@pytest.mark.parametrize('name, meant', [
    ('max_people', 'max_people'), ('MAX_PEOPLE', 'max_people'), ('Mode', 'correction.mode'),
    ('tracking.max_people', 'max_people'), ('tracking.max_gap', 'max_gap'),
    ('tracking.detect_interval', 'detect_interval'), ('image.mode', 'correction.mode'),
    ('keypoints2d.min_keypoint_score', 'min_keypoint_score'), ('Fov', 'fov'),
    ('max_persons', 'max_people'), ('maxpeople', 'max_people'), ('fadding', 'correction.fading'),
    ('tracking.max_poeple', 'max_people'), ('image.reliabilty', 'image.reliability'),
    ('correction_mode', 'correction.mode'), ('camera.hight', 'camera_height'),
    ('detector_sise', 'keypoints2d.detector_size'), ('keypoint_score', 'min_keypoint_score')])
def test_a_name_gets_the_one_that_is_meant(name: str, meant: str) -> None:
    assert nearest(name, KNOWN) == meant
    assert hint(name, KNOWN) == f' (did you mean {meant!r}?)'


@pytest.mark.parametrize('name', [
    '', '...', 'frame_rate', 'framerate', 'camera.gain', 'camera_name', 'camera', 'video_device',
    'queue_size', 'exposure', 'fps', 'frame_id', 'camera_info_url', 'image_width', 'serial_number'])
def test_a_name_from_elsewhere_gets_none(name: str) -> None:
    assert nearest(name, KNOWN) is None and hint(name, KNOWN) == ''


def test_of_several_with_the_same_last_part_the_group_decides() -> None:
    known = ('left.mode', 'right.mode')
    assert [nearest(f'{group}.mode', known) for group in ('lefd', 'rihgt')] == [*known]
