# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Results of pose nodes from messages, which are read in two ways."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from support.people import header
from support.rigs import CAMERA, person_at, pose_around, seen_from

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.skeleton_cdr import can_read, read_skeletons
from pose_machine_ros.pose import TrackingState, unseen_keypoints, unseen_rays
from pose_machine_ros.ros.conversions.camera_results import from_cdr, from_message
from pose_machine_ros.ros.conversions.skeletons import camera_message, skeletons_message

POSE = pose_around(30)


def message_of(people: int, name: str = 'p', frame: str = '') -> Skeleton3DArray:
    camera = header(12.5, f'{name}_eye')
    found = [seen_from(POSE, person_at(i, 0.3 * i), name + 'x' * i, reprojection_px=1.5 + i)
             for i in range(people)]
    if found:
        found[-1] = seen_from(POSE, person_at(0, 0), name, state=TrackingState.PREDICTED,
                              keypoints=unseen_keypoints(), rays=unseen_rays())
    in_frame = pose_around(77) if frame else RigidTransform()
    return skeletons_message(found, header(12.5, frame or f'{name}_eye'),
                             [camera_message(camera, CAMERA, in_frame)], 10**7)


def same(a: object, b: object) -> bool:
    """Return whether two dataclasses hold the same values."""
    for field in fields(a):
        x, y = getattr(a, field.name), getattr(b, field.name)
        if isinstance(x, list):
            assert len(x) == len(y) and all(same(*pair) for pair in zip(x, y))
        elif isinstance(x, RigidTransform):
            assert same(x, y)
        elif isinstance(x, (np.ndarray, float)):
            assert np.allclose(x, y, rtol=1e-6, atol=0, equal_nan=True), field.name
        else:
            assert x == y, field.name
    return True


@pytest.mark.parametrize('frame', ['', 'base'])
@pytest.mark.parametrize('people', [0, 1, 3])
@pytest.mark.parametrize('name', ['', 'p', 'le', 'lef', 'left', 'lefts', 'lefter', 'leftest'])
def test_both_ways_give_the_same(people: int, name: str, frame: str) -> None:
    cdr = serialize_message(message_of(people, name, frame))
    assert can_read(cdr)
    slow = from_message(deserialize_message(cdr, Skeleton3DArray))
    assert same(from_cdr(cdr), slow) and len(slow.skeletons) == people
    assert slow.frame == (frame or f'{name}_eye')


def test_a_number_of_cameras_before_the_joints_shifts_nothing() -> None:
    for count in range(10):
        message = message_of(2)
        message.skeletons[0].seen_by = list(range(count))
        cdr = serialize_message(message)
        assert same(from_cdr(cdr), from_message(deserialize_message(cdr, Skeleton3DArray)))


def test_an_unusual_encoding_goes_through_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    cdr = serialize_message(message_of(1))
    expected = from_cdr(cdr)
    monkeypatch.setattr('pose_machine_ros.ros.conversions.camera_results.can_read', lambda _: False)
    assert same(from_cdr(cdr), expected)


def test_what_is_no_such_message_is_refused() -> None:
    cdr = serialize_message(message_of(2))
    for size in (4, 10, 30, 200, len(cdr) // 2, len(cdr) - 20):
        with pytest.raises(InputError):
            read_skeletons(cdr[:size])
