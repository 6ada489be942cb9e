# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support.walkers import CAMERA

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.depth.depth_image import DepthImage
from pose_machine_ros.errors import InputError


def test_both_encodings_are_metres_and_holes_are_nan():
    shape = CAMERA.height, CAMERA.width
    in_mm, in_m = np.full(shape, 1500, np.uint16), np.full(shape, 1.5, np.float32)
    in_mm[0, :3] = 0
    in_m[0, :3] = 0, np.nan, np.inf
    columns, rows = np.array([0, 1, 2, 3, -1, CAMERA.width]), np.zeros(6, int)
    for values in (in_mm, in_m):
        found = DepthImage(values, CAMERA, 0).metres(columns, rows)
        np.testing.assert_allclose(found, [np.nan, np.nan, np.nan, 1.5, np.nan, np.nan])


@pytest.mark.parametrize('values, message', [
    (np.zeros((480, 640)), 'float64'), (np.zeros((480, 640, 1), np.uint16), r'\(480, 640, 1\)'),
    (np.zeros((240, 320), np.uint16), '320x240 and its camera 640x480')])
def test_unusable_images_are_named(values, message):
    with pytest.raises(InputError, match=message):
        DepthImage(values, CAMERA, 0)


def test_it_is_on_an_equal_camera_without_a_pose():
    values = np.ones((CAMERA.height, CAMERA.width), np.float32)
    equal = Camera(CAMERA.matrix.copy(), CAMERA.width, CAMERA.height)
    other = Camera(CAMERA.matrix + np.diag((1, 1, 0)), CAMERA.width, CAMERA.height)
    assert DepthImage(values, CAMERA, 0).is_on(equal)
    assert not DepthImage(values, CAMERA, 0).is_on(other)
    assert not DepthImage(values, CAMERA, 0, RigidTransform()).is_on(equal)
