# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Missing, late or wrong intrinsics: the poses are marked, and metric with right ones."""

from __future__ import annotations

import math

import pytest
from ros.faults.bench import Bench, good_photo_info, photo
from sensor_msgs.msg import CameraInfo

from pose_machine_msgs.msg import Skeleton3D, Skeleton3DArray


def k(f: float, cx: float = 162, cy: float = 288) -> list[float]:
    return [float(f), 0, float(cx), 0, float(f), float(cy), 0, 0, 1]


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


@pytest.mark.parametrize('changes, reason', [
    ({'k': [math.nan] * 9}, 'is not finite'), ({'k': [math.inf] * 9}, 'is not finite'),
    ({'k': [0.0] * 9}, 'K is zero'), ({'d': [math.nan] * 5}, 'D = '),
    ({'k': k(-324)}, 'focal lengths -324'), ({'k': k(1)}, 'focal length of 1 px'),
    ({'k': [1.0, 0, 0, 0, 1, 0, 0, 0, 1]}, 'principal point'),
    ({'k': k(3373, 2862, 1569)}, 'principal point'),
    ({'d': [1342.1, -882.0, 0.3, 1.2, 513.0]}, 'of the field of view'),
    ({'d': [-0.1, 0.6, 0.0, 0.0, -2.5]}, 'of the image')])
def test_impossible_intrinsics_count_as_none(bench: Bench, changes: dict, reason: str) -> None:
    bench.show(photo, lambda a: spaces(a) == {Skeleton3D.CAMERA_METRIC}, info)
    before = bench.node.output.count('the camera is not calibrated')
    answer = bench.show(photo, lambda a: spaces(a) == {Skeleton3D.ROOT_RELATIVE},
                        lambda: info(**changes))
    joints = [j.position for s in answer.skeletons for j in s.joints if j.score]
    assert joints and all(math.isfinite(p.x + p.y + p.z) for p in joints)
    bench.listener.spin_until(lambda: 'the camera is not calibrated' in bench.health()[1])
    bench.show(photo, lambda a: spaces(a) == {Skeleton3D.CAMERA_METRIC}, info)
    told = bench.node.output.split('the camera is not calibrated')[before + 1:]
    assert len(told) <= 1  # at most one warning for each reason
    assert any(reason in line for line in bench.node.output.splitlines()
               if 'the camera is not calibrated' in line)


def test_binning_that_is_applied_twice_is_reported(bench: Bench) -> None:
    answer = bench.show(photo, sees_people, lambda: info(
        width=4 * 324, height=4 * 576, binning_x=4, binning_y=4))
    assert spaces(answer) == {Skeleton3D.CAMERA_METRIC}
    assert bench.node.output.count('binning 4x4 is applied to it again') == 1


@pytest.mark.parametrize('changes', [
    {'d': [-0.03, 0.035, -1e-4, -1e-4, -0.012, 0.0, 0.0, 0.0]},
    {'distortion_model': 'rational_polynomial',
     'd': [0.5, 0.1, 1e-3, -2e-3, 0.01, 0.8, 0.2, 0.01] + [0.0] * 6},
    {'distortion_model': 'radtan', 'd': [-0.05, 0.01, 0.0, 0.0]},
    {'distortion_model': '', 'd': []},
    {'distortion_model': 'equidistant', 'd': [0.01, -0.005, 0.002, 0.0]}])
def test_lenses_of_every_driver_are_metric(bench: Bench, changes: dict) -> None:
    refusals = bench.node.output.count('image skipped')
    bench.show(photo, lambda a: spaces(a) == {Skeleton3D.CAMERA_METRIC}, lambda: info(**changes))
    assert bench.node.output.count('image skipped') == refusals


def test_lenses_that_are_not_supported_are_refused(bench: Bench) -> None:
    for changes, complaint in (
            ({'d': [0.1, 0.2]}, "'plumb_bob' with 2 coefficients"),
            ({'distortion_model': 'omni', 'd': [0.1] * 4}, "'omni' with 4 coefficients")):
        def is_refused() -> bool:
            bench.infos.publish(info(**changes))
            bench.images.publish(photo())
            return complaint in bench.node.output
        bench.listener.spin_until(is_refused)
        bench.show(photo, sees_people, info)
    assert 'rectify the images (image_proc)' in bench.node.output
