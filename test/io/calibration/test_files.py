# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Calibration files as tools write them; each is written here in its tool's format."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration import Calibration

D = [-0.2, 0.05, 0.001, -0.002, 0.01]
ROS = """image_width: 640
image_height: 480
camera_name: {name}
camera_matrix: {{rows: 3, cols: 3, data: [{f}, 0., 320., 0., {f}, 240., 0., 0., 1.]}}
{model}distortion_coefficients: {{rows: 1, cols: {count}, data: {d}}}
projection_matrix: {{rows: 3, cols: 4, data: [450, 0, 330, 0, 0, 450, 250, 0, 0, 0, 1, 0]}}
"""


def ros_file(d: list[float] = D, model: str = 'distortion_model: plumb_bob\n', f: str = '500.',
             name: str = 'front') -> str:
    return ROS.format(d=d, count=len(d), model=model, f=f, name=name)


ECHO = """header:
  stamp: {sec: 1, nanosec: 2}
  frame_id: cam
height: 960
width: 1280
distortion_model: plumb_bob
d: [-0.2, 0.05, 0.001, -0.002, 0.01]
k: [1000.0, 0.0, 640.5, 0.0, 1000.0, 480.5, 0.0, 0.0, 1.0]
p: [900, 0, 660.5, 0, 0, 900, 500.5, 0, 0, 0, 1, 0]
binning_x: 2
binning_y: 2
roi: {x_offset: 0, y_offset: 0, height: 0, width: 0, do_rectify: false}
---
"""
KALIBR = """cam0:
  camera_model: pinhole
  distortion_coeffs: [-0.2, 0.05, 0.001, -0.002]
  distortion_model: {model}
  intrinsics: [500.0, 500.0, 320.0, 240.0]
  resolution: [640, 480]
  rostopic: /cam
"""


def write(folder: Path, text: str) -> Path:
    path = folder / 'camera.yaml'
    path.write_text(text)
    return path


@pytest.mark.parametrize('text', [
    ros_file(), ros_file(f='5e2'), ros_file(name='HD Pro Webcam C920 (046d:082d)'),
    ros_file(name='Integrated Camera: Integrated C'), ros_file(name='>\n  two\n  lines'),
    ros_file(model=''),
    ros_file(model='camera_model: pinhole\n'), ros_file(D + [0.0] * 9), ECHO,
    ECHO.replace('\nd:', '\nD:').replace('\nk:', '\nK:').replace('\np:', '\nP:')])
def test_the_same_camera_in_every_format(tmp_path: Path, text: str) -> None:
    camera = Calibration.from_yaml(write(tmp_path, text)).camera()
    assert camera.calibrated and (camera.width, camera.height) == (640, 480)
    np.testing.assert_allclose(camera.matrix, [[500, 0, 320], [0, 500, 240], [0, 0, 1]])
    np.testing.assert_array_equal(camera.distortion, D + [0] * 9)
    rectified = Calibration.from_yaml(tmp_path / 'camera.yaml').camera(rectified=True)
    np.testing.assert_allclose(rectified.matrix, [[450, 0, 330], [0, 450, 250], [0, 0, 1]])
    assert not rectified.distortion.any()


@pytest.mark.parametrize('model', [
    'distortion_model: equidistant\n', 'distortion_model: fisheye\n', 'camera_model: fisheye\n'])
def test_every_name_of_a_fisheye_is_recognized(tmp_path: Path, model: str) -> None:
    d = [0.11, -0.05, 0.02, -0.005]
    camera = Calibration.from_yaml(write(tmp_path, ros_file(d, model, f='200.'))).camera()
    theirs = cv2.fisheye.projectPoints(np.array([[[1.0, 0.5, 1]]]), np.zeros(3), np.zeros(3),
                                       camera.matrix, np.array(d))[0][0, 0]
    ours = camera.project(torch.tensor([1.0, 0.5, 1], dtype=torch.float64))
    np.testing.assert_allclose(ours, theirs)


@pytest.mark.parametrize('model, fisheye', [('radtan', False), ('equidistant', True)])
def test_kalibr(tmp_path: Path, model: str, fisheye: bool) -> None:
    camera = Calibration.from_yaml(write(tmp_path, KALIBR.format(model=model))).camera()
    assert camera.matrix[1, 1] == 500 and camera.distortion[3] == -0.002
    assert (len(camera.distortion) == 4) == fisheye


def test_opencv_s_own_format(tmp_path: Path) -> None:
    path = tmp_path / 'camera.yaml'
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    storage.write('image_width', 640)
    storage.write('image_height', 480)
    storage.write('camera_matrix', np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]]))
    storage.write('distortion_coefficients', np.array([D]))
    storage.release()
    camera = Calibration.from_yaml(path).camera()
    assert camera.matrix[0, 0] == 500 and camera.distortion[:5].tolist() == D


@pytest.mark.parametrize('text, complaint', [
    ('image_width: 640\n', 'image_height is missing.*image_width, image_height, camera_matrix'),
    ('', 'holds no "name: value" lines'), ('[1, 2]', 'holds no "name: value" lines'),
    ('a: [1', 'is not YAML'), ('{' * 3000, 'is not YAML'), ('\t- x\n\ty: 1', 'is not YAML'),
    (ros_file().replace('[500., 0.,', '[500.,'), '8 numbers and not 9'),
    (ros_file().replace('500.', 'wide'), 'could not convert'),
    (ros_file().replace('640', 'wide', 1), 'could not convert'),
    (ros_file() + 'roi: full\n', 'is not a camera calibration'),
    (ros_file() + 'roi: [0, 0, 1, 1]\n', 'is not a camera calibration'),
    (ros_file() + 'roi: {x_offset: -5, width: 10, height: 10}\n', '-5 is not a number of px'),
    (ros_file().replace('640', '9' * 40, 1), 'is not a number of px from 0 to 65536'),
    (ros_file().replace('640', '640.7', 1), '640.7 is not a number of px'),
    (ros_file().replace('640', 'true', 1), 'True is not a number of px'),
    (ros_file().replace(str(D), ''), 'a list of numbers is empty'),
    (KALIBR.format(model='radtan').replace('pinhole', 'omni'), "camera model 'omni' is not"),
    (KALIBR.format(model='radtan') + KALIBR.format(model='radtan').replace('cam0', 'cam1'),
     'it holds 2 cameras')])
def test_an_invalid_calibration_file_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=complaint) as told:
        Calibration.from_yaml(path)
    assert str(path) in str(told.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / 'binary.yaml').write_bytes(bytes(range(256)))
    for path in (tmp_path, tmp_path / 'nowhere.yaml', tmp_path / 'binary.yaml'):
        with pytest.raises(InputError, match='cannot be read'):
            Calibration.from_yaml(path)


@pytest.mark.parametrize('f', ['0.', '.nan', '-1.', '1.'])
def test_a_file_of_a_camera_that_is_not_calibrated(tmp_path: Path, f: str) -> None:
    calibration = Calibration.from_yaml(write(tmp_path, ros_file(f=f)))
    camera = calibration.camera(1280, 720, fov=math.pi / 2)
    assert not camera.calibrated and camera.matrix[0, 0] == pytest.approx(640)
    assert 'not calibrated' in camera.remark and '90 degrees' in camera.remark


def test_a_lens_that_is_not_supported_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, ros_file([.1, .2], 'distortion_model: double_sphere\n'))
    with pytest.raises(InputError, match=f"{path}: .*'double_sphere' with 2 .*--rectified"):
        Calibration.from_yaml(path).camera()


def test_a_file_without_a_size_is_for_the_images_that_come(tmp_path: Path) -> None:
    said = Calibration.from_yaml(write(tmp_path, ECHO.replace('960', '0').replace('1280', '0')))
    for camera in (said.camera(1280, 960), said.resized(1280, 960).camera()):
        assert camera.calibrated and camera.width == 1280


def test_files_for_another_image_are_named(tmp_path: Path) -> None:
    said = Calibration.from_yaml(write(tmp_path, ros_file()))
    for read in (said.camera, said.resized):
        with pytest.raises(InputError, match=f'{tmp_path}.*640x480 px, the image is 640x360'):
            read(640, 360)
