# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rigs of cameras around people who walk: poses, size, clocks and bad input."""

from __future__ import annotations

from dataclasses import replace
import logging
import math

import numpy as np
import pytest
from support.walked_rigs import camera_pose, see, STATURE

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.rig_calibration.calibration import calibrate_rig, RigCalibration
from pose_machine_ros.rig_calibration.config import RigCalibrationConfig
from pose_machine_ros.rig_calibration.procrustes import rotation_angle
from pose_machine_ros.rig_calibration.tracks import CameraTracks

POSES = [camera_pose(0), camera_pose(70, 5.0, 1.2), camera_pose(200, 3.5)]
OFFSETS = (0.0, 0.6, -0.4)
APART = float(np.linalg.norm(POSES[0].translation - POSES[1].translation))
BY_DISTANCE = RigCalibrationConfig(distance=('a', 'b', APART))


def cameras(count: int = 3, **options: object) -> list[CameraTracks]:
    return [see(name, pose, offset=offset, **options)
            for name, pose, offset in list(zip('abc', POSES, OFFSETS))[:count]]


def relative(rig: RigCalibration, first: str, second: str) -> RigidTransform:
    """Return the pose of a camera in the frame of another one."""
    poses = {c.name: c.pose for c in rig.cameras}
    return poses[first].inverse() @ poses[second]


def assert_near(found: RigidTransform, true: RigidTransform, degrees: float,
                metres: float) -> None:
    assert math.degrees(rotation_angle(found.rotation.T @ true.rotation)) < degrees
    assert found.translation == pytest.approx(true.translation, abs=metres)


def test_without_noise_the_rig_is_exact() -> None:
    rig = calibrate_rig(cameras(), BY_DISTANCE)
    for i, name in enumerate('bc', 1):
        assert_near(relative(rig, 'a', name), POSES[0].inverse() @ POSES[i], 0.03, 0.01)
    assert [c.time_offset for c in rig.cameras] == pytest.approx(OFFSETS, abs=1e-3)
    assert [c.frame_id for c in rig.cameras] == [f'{n}_optical_frame' for n in 'abc']


def test_the_frame_has_its_floor_at_0_below_the_first_camera() -> None:
    rig = calibrate_rig(cameras(), replace(BY_DISTANCE, frame='hall'))
    pose = rig.cameras[0].pose
    assert rig.frame == 'hall'
    assert pose.translation == pytest.approx([0, 0, POSES[0].translation[2]], abs=0.03)
    forward = pose.rotate(np.array([0, 0, 1.0]))
    assert forward[0] > 0.8 and forward[1] == pytest.approx(0, abs=1e-9)
    down = POSES[0].rotation.T @ (0, 0, -1.0)
    assert pose.rotate(down) == pytest.approx([0, 0, -1], abs=0.01)
    feet = rig.joints[:, 10:, 2]
    assert np.quantile(feet, 0.1) == pytest.approx(0.09, abs=0.03)
    assert rig.cameras[1].pose.translation[2] == pytest.approx(1.2, abs=0.05)


def test_the_order_of_the_cameras_does_not_matter() -> None:
    there = calibrate_rig(cameras(), BY_DISTANCE)
    back = calibrate_rig(cameras()[::-1], BY_DISTANCE)
    assert_near(relative(back, 'a', 'c'), relative(there, 'a', 'c'), 0.02, 0.01)
    offset = {c.name: c.time_offset for c in back.cameras}
    assert offset['b'] - offset['a'] == pytest.approx(OFFSETS[1], abs=1e-3)


def test_several_people_and_cameras_that_see_only_some_of_them() -> None:
    seen = [see('a', POSES[0], (0, 1)), see('b', POSES[1], (1, 0)), see('c', POSES[2], (1, 3))]
    rig = calibrate_rig(seen, BY_DISTANCE)
    assert_near(relative(rig, 'a', 'c'), POSES[0].inverse() @ POSES[2], 0.05, 0.02)
    assert len(rig.paths) == 2


@pytest.mark.parametrize('config, tolerance', [
    (BY_DISTANCE, 0.003),
    (RigCalibrationConfig(camera_height=('a', POSES[0].translation[2])), 0.02),
    (RigCalibrationConfig(camera_height=('b', POSES[1].translation[2])), 0.03),
    (RigCalibrationConfig(height=1.2 * STATURE), 0.05)])
def test_the_size_comes_from_what_is_known(config: RigCalibrationConfig,
                                           tolerance: float) -> None:
    size = 1.2 if config.height else 1.0
    rig = calibrate_rig(cameras(size=size), config)
    found = np.linalg.norm(relative(rig, 'a', 'b').translation)
    assert found == pytest.approx(APART, rel=tolerance)
    assert found == pytest.approx(APART, abs=2.5 * rig.cameras[1].position_sigma + 1e-3)


def test_without_a_size_there_is_a_loud_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        rig = calibrate_rig(cameras(2))
    assert 'THE SIZE OF THE RIG IS NOT KNOWN' in caplog.text and '--height' in caplog.text
    assert rig.scale_sigma == pytest.approx(0.06)
    assert rig.cameras[1].position_sigma > 0.05 * APART


def test_synchronised_cameras_have_no_offsets() -> None:
    seen = [see(n, p) for n, p in zip('ab', POSES)]
    rig = calibrate_rig(seen, replace(BY_DISTANCE, max_offset=0.0))
    assert [c.time_offset for c in rig.cameras] == [0, 0]
    assert_near(relative(rig, 'a', 'b'), POSES[0].inverse() @ POSES[1], 0.02, 0.01)


def test_stamps_since_1970() -> None:
    seen = [replace(c, tracks=[replace(t, times=t.times + 1.79e9) for t in c.tracks])
            for c in cameras(2)]
    rig = calibrate_rig(seen, BY_DISTANCE)
    assert rig.cameras[1].time_offset == pytest.approx(OFFSETS[1], abs=1e-3)


def test_one_camera_is_refused() -> None:
    with pytest.raises(InputError, match='1 camera is no rig'):
        calibrate_rig(cameras(1))


def test_two_cameras_with_one_frame_are_refused() -> None:
    a, b = cameras(2)
    with pytest.raises(InputError, match='two cameras have the frame_id a_optical_frame'):
        calibrate_rig([a, replace(b, frame_id=a.frame_id)])


def test_a_camera_without_intrinsics_is_named() -> None:
    a, b = cameras(2)
    with pytest.raises(InputError, match='^b has no usable intrinsics.*calibration.md'):
        calibrate_rig([a, replace(b, calibrated=False)])


def test_a_camera_that_saw_nobody_is_named() -> None:
    with pytest.raises(InputError, match='^b saw nobody'):
        calibrate_rig([cameras(1)[0], CameraTracks('b', 'b', [])])


def test_clocks_that_are_too_far_apart_are_named() -> None:
    with pytest.raises(InputError, match='a and b were not recorded at the same time.* 88.0 s'):
        calibrate_rig([see('a', POSES[0]), see('b', POSES[1], start=100 - 1 / 30)])


def test_a_camera_that_saw_other_people_is_named() -> None:
    others = see('c', POSES[2], (7,))
    with pytest.raises(InputError, match='no person was seen by c and by a, b'):
        calibrate_rig([*cameras(2), others])


def test_wrong_intrinsics_are_found() -> None:
    a, b, c = cameras()
    bent = c.tracks[0].rays * (1.5, 0.6, 1)
    bent /= np.linalg.norm(bent, axis=-1, keepdims=True)
    wrong = replace(c, tracks=[replace(c.tracks[0], rays=bent)])
    with pytest.raises(InputError, match='the rays of [abc] miss the people.*intrinsics'):
        calibrate_rig([a, b, wrong], BY_DISTANCE)


@pytest.mark.parametrize('options, message', [
    ({'height': 1.7, 'distance': ('a', 'b', 2.0)}, '--height and --distance both'),
    ({'height': 17.0}, '--height 17 is not a stature'), ({'max_offset': -1.0}, '--max-offset -1'),
    ({'distance': ('a', 'b', math.nan)}, 'nan is not a number'),
    ({'frame': '/world'}, "--frame '/world'")])
def test_options_that_are_not_usable_are_refused(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        RigCalibrationConfig(**options)


@pytest.mark.parametrize('options, message', [
    ({'distance': ('a', 'x', 2.0)}, '--distance names a camera x; the cameras are a, b'),
    ({'distance': ('a', 'a', 2.0)}, 'name two cameras'),
    ({'camera_height': ('a', 0.05)}, '--camera-height a 0.05 is not usable'),
    ({'camera_height': ('x', 1.0)}, '--camera-height names a camera x')])
def test_sizes_that_are_not_usable_are_refused(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        calibrate_rig(cameras(2, seconds=5), RigCalibrationConfig(**options))
