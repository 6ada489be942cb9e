# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Intrinsics that are missing, late, or no numbers: the poses say so, and get better with them."""

from __future__ import annotations

import math

from pose_machine_msgs.msg import Skeleton3D, Skeleton3DArray
from ros.faults.bench import Bench, good_photo_info, photo
from sensor_msgs.msg import CameraInfo


def sees_people(answer: Skeleton3DArray) -> bool:
    return bool(answer.skeletons)


def info(**changes: object) -> CameraInfo:
    message = good_photo_info()
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def spaces(answer: Skeleton3DArray) -> set[int]:
    return {s.space for s in answer.skeletons}


def test_missing_and_late_intrinsics(bench: Bench) -> None:
    guessed = bench.show(photo, sees_people)
    assert spaces(guessed) == {Skeleton3D.ROOT_RELATIVE}
    assert bench.node.output.count('no camera_info on /camera_info') == 1
    bench.listener.spin_until(lambda: 'not calibrated' in bench.health()[1])

    metric = bench.show(
        photo, lambda a: spaces(a) == {Skeleton3D.CAMERA_METRIC}, info)
    assert all(math.isfinite(j.position.z) for s in metric.skeletons for j in s.joints if j.score)


def test_intrinsics_that_are_no_numbers(bench: Bench) -> None:
    bench.show(photo, lambda a: spaces(a) == {Skeleton3D.CAMERA_METRIC}, info)
    for changes in ({'k': [math.nan] * 9}, {'k': [math.inf] * 9}, {'k': [0.0] * 9},
                    {'d': [math.nan] * 5}):
        answer = bench.show(photo, lambda a: spaces(a) == {Skeleton3D.ROOT_RELATIVE},
                            lambda: info(**changes))
        joints = [j.position for s in answer.skeletons for j in s.joints if j.score]
        assert joints and all(math.isfinite(p.x + p.y + p.z) for p in joints)
    assert bench.node.output.count('camera_info has no usable K') == 1  # said once
    bench.show(photo, lambda a: spaces(a) == {Skeleton3D.CAMERA_METRIC}, info)


def test_intrinsics_that_can_not_be(bench: Bench) -> None:
    for changes, complaint in (
            ({'d': [0.1, 0.2]}, "'plumb_bob' with 2 coefficients"),
            ({'distortion_model': 'equidistant', 'd': [0.1] * 4}, 'image_proc')):
        def is_refused() -> bool:
            bench.infos.publish(info(**changes))
            bench.images.publish(photo())
            return complaint in bench.node.output
        bench.listener.spin_until(is_refused)
        bench.show(photo, sees_people, info)
