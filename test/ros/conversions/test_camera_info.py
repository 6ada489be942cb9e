# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A calibration as CameraInfo, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo
from support.calibrations import calibration_of

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.ros.conversions.camera_info import camera_info

MATRIX = np.array([[600.0, 0, 322], [0, 590, 235], [0, 0, 1]])


@pytest.mark.parametrize('distortion, model', [
    ([], 'plumb_bob'), ([-0.2, 0.05, 1e-3, -2e-3, 0.01], 'plumb_bob'),
    ([0.3, 0.1, 1e-3, 1e-3, 0.01, 0.2, 0.05, 0.02], 'rational_polynomial'),
    ([0.3, 0.1, 1e-3, 1e-3, 0.01, 0.2, 0.05, 0.02, 1e-3, 0, 0, 0], 'rational_polynomial'),
    ([0.11, -0.05, 0.02, -0.005], 'equidistant')])
def test_round_trip(distortion: list[float], model: str) -> None:
    camera = Camera(MATRIX, 640, 480, np.array(distortion), model)
    info = camera_info(calibration_of(camera))
    assert info.distortion_model == model
    back = Calibration.from_camera_info(info).camera()
    np.testing.assert_array_equal(back.matrix, camera.matrix)
    np.testing.assert_array_equal(back.distortion, camera.distortion)


def test_all_that_was_said_is_passed_on() -> None:
    said = replace(
        calibration_of(Camera(MATRIX, 640, 480)), distortion=(0.1,) * 5, binning=(2, 2),
        projection=(500.0, 0, 310, -60, 0, 510, 250, 0, 0, 0, 1, 0), roi=(10, 20, 300, 200))
    assert Calibration.from_camera_info(camera_info(said)) == said


def test_p_is_k_of_images_without_distortion_and_else_unknown() -> None:
    straight, bent = (camera_info(calibration_of(Camera(MATRIX, 640, 480, np.array(d))))
                      for d in ([], [0.1, 0, 0, 0]))
    assert straight.p.reshape(3, 4)[0, 0] == 600 and not bent.p.any()
    with pytest.raises(InputError, match='P = '):
        Calibration.from_camera_info(bent).camera(rectified=True)


def test_names_are_those_that_ros_packages_use() -> None:
    said = Calibration(640, 480, tuple(MATRIX.ravel()), (0.1, 0.0, 0.0, 0.0), 'radtan')
    assert camera_info(said).distortion_model == 'plumb_bob'
    with pytest.raises(InputError, match="'omni'"):
        camera_info(replace(said, distortion_model='omni'))


def test_a_camera_that_is_not_calibrated_says_so_by_zeros() -> None:
    info = camera_info(calibration_of(Camera.from_fov(640, 480)))
    assert (info.width, info.height) == (640, 480)
    assert not info.k.any() and not info.p.any() and info == CameraInfo(width=640, height=480)
