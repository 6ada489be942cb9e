# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""CameraInfo: calibrated, not calibrated, of another size, and unusable."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo
import torch

from pose_machine_ros.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.cameras import camera_from_info, info_from_camera, scale_camera

CAMERA = Camera(np.array([[600.0, 0, 322], [0, 590, 235], [0, 0, 1]]), 640, 480,
                np.array([-0.2, 0.05, 1e-3, -2e-3, 0.01]))


@pytest.mark.parametrize('distortion', [
    [], [-0.2, 0.05, 1e-3, -2e-3, 0.01], [0.3, 0.1, 1e-3, 1e-3, 0.01, 0.2, 0.05, 0.02]])
def test_round_trip(distortion: list[float]) -> None:
    camera = Camera(CAMERA.matrix, 640, 480, np.array(distortion))
    back = camera_from_info(info_from_camera(camera), 640, 480, 55.0)
    assert back.calibrated
    np.testing.assert_array_equal(back.matrix, camera.matrix)
    np.testing.assert_array_equal(back.distortion, camera.distortion)


@pytest.mark.parametrize('changes', [
    {'k': [0.0] * 9}, {'k': [math.nan] * 9}, {'k': [600.0, 0, 320, 0, 0, 240, 0, 0, 1]},
    {'k': [-600.0, 0, 320, 0, 600, 240, 0, 0, 1]}, {'d': [math.nan] * 5},
    {'d': [0.1, 0.0, math.inf, 0.0, 0.0]}])
def test_a_camera_without_calibration_is_guessed(changes: dict) -> None:
    info = info_from_camera(CAMERA)
    for name, value in changes.items():
        setattr(info, name, value)
    camera = camera_from_info(info, 640, 480, 90.0)
    assert not camera.calibrated
    assert camera.matrix[0, 0] == pytest.approx(320)  # 45 degrees to each side


def test_a_resized_image_sees_the_same_rays() -> None:
    half = camera_from_info(info_from_camera(CAMERA), 320, 240, 55.0)
    pixels = torch.tensor([[0.0, 0.0], [100.0, 50.0], [319.0, 239.0]], dtype=torch.float64)
    # The centre of a small pixel is the corner between four large ones
    torch.testing.assert_close(half.rays(pixels), CAMERA.rays(2 * pixels + 0.5))


def test_resizing_there_and_back() -> None:
    back = scale_camera(scale_camera(CAMERA, 1280, 960), 640, 480)
    np.testing.assert_allclose(back.matrix, CAMERA.matrix)


@pytest.mark.parametrize('binning', [1, 2])
def test_a_region_of_the_image_sees_the_same_rays(binning: int) -> None:
    info = info_from_camera(CAMERA)
    info.binning_x = info.binning_y = binning
    info.roi.x_offset, info.roi.y_offset, info.roi.width, info.roi.height = 200, 60, 400, 300
    part = camera_from_info(info, 400 // binning, 300 // binning, 55.0)
    pixels = torch.tensor([[0.0, 0.0], [100.0, 50.0]], dtype=torch.float64)
    in_full = binning * pixels + (binning - 1) / 2 + torch.tensor([200.0, 60.0])
    torch.testing.assert_close(part.rays(pixels), CAMERA.rays(in_full))
    whole = camera_from_info(info, 640, 480, 55.0)  # some drivers fill it in and don't cut
    np.testing.assert_array_equal(whole.matrix, CAMERA.matrix)


def test_binning_may_differ_between_rows_and_columns() -> None:
    info = info_from_camera(CAMERA)
    info.binning_x, info.binning_y = 2, 1
    wide = camera_from_info(info, 320, 480, 55.0)
    pixels = torch.tensor([[0.0, 0.0], [100.0, 50.0]], dtype=torch.float64)
    torch.testing.assert_close(
        wide.rays(pixels), CAMERA.rays(pixels * torch.tensor([2.0, 1]) + torch.tensor([0.5, 0])))


def test_another_aspect_ratio_is_refused() -> None:
    with pytest.raises(InputError, match='640x480.*640x360.*calibrate'):
        camera_from_info(info_from_camera(CAMERA), 640, 360, 55.0)


@pytest.mark.parametrize('model, d', [
    ('equidistant', [0.1, 0.2, 0.3, 0.4]), ('equidistant', [0.0] * 4), ('plumb_bob', [0.1] * 8),
    ('rational_polynomial', [0.1] * 5), ('', [0.1] * 5)])
def test_unknown_distortion_is_refused(model: str, d: list[float]) -> None:
    info = info_from_camera(CAMERA)
    info.distortion_model, info.d = model, d
    with pytest.raises(InputError, match='plumb_bob.*rational_polynomial'):
        camera_from_info(info, 640, 480, 55.0)


@pytest.mark.parametrize('model, d', [
    ('plumb_bob', CAMERA.distortion[:5]), ('equidistant', [0.1, 0.2, 0.3, 0.4]),
    ('plumb_bob', [math.nan] * 5)])
def test_rectified_images_have_the_intrinsics_of_p(model: str, d: list[float]) -> None:
    info = info_from_camera(CAMERA)
    info.distortion_model, info.d = model, d
    # Of the right camera of a stereo pair: the last column is no matter of the optical frame
    info.p = [500.0, 0, 310, -60, 0, 510, 250, 0, 0, 0, 1, 0]
    camera = camera_from_info(info, 640, 480, 55.0, rectified=True)
    assert camera.calibrated and not camera.distortion.any()
    np.testing.assert_array_equal(camera.matrix, [[500, 0, 310], [0, 510, 250], [0, 0, 1]])
    info.roi.x_offset, info.roi.y_offset, info.roi.width, info.roi.height = 200, 60, 400, 300
    part = camera_from_info(info, 400, 300, 55.0, rectified=True)
    np.testing.assert_array_equal(part.matrix, [[500, 0, 110], [0, 510, 190], [0, 0, 1]])


@pytest.mark.parametrize('p', [[0.0] * 12, [math.nan] * 12])
def test_rectified_images_need_p(p: list[float]) -> None:
    info = info_from_camera(CAMERA)
    info.p = p
    with pytest.raises(InputError, match='P = .*projection_matrix.*image.rectified to false'):
        camera_from_info(info, 640, 480, 55.0, rectified=True)
    assert camera_from_info(info, 640, 480, 55.0).calibrated
    info.k = [0.0] * 9  # not calibrated at all
    assert not camera_from_info(info, 640, 480, 55.0, rectified=True).calibrated


def test_no_distortion_needs_no_model() -> None:
    info = info_from_camera(CAMERA)
    info.distortion_model, info.d = '', []
    assert not camera_from_info(info, 640, 480, 55.0).distortion.any()
