# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The camera that a viewer shows: the node's, for the images that come with it."""

from __future__ import annotations

import math
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from pose_machine_ros.rendering.camera_info_view import CameraInfoView

K = [500.0, 0, 320, 0, 500, 240, 0, 0, 1]


class View:
    """Keeps the cameras that it is shown."""

    def __init__(self) -> None:
        self.cameras = []

    def log_camera(self, stamp_ns, camera) -> None:
        self.cameras.append((stamp_ns, camera))


def info(k=K, model='plumb_bob', d=(0.0,) * 5, size=(640, 480), binning=0, roi=(0, 0, 0, 0),
         p=(0.0,) * 12) -> SimpleNamespace:
    return SimpleNamespace(
        width=size[0], height=size[1], k=np.array(k), d=np.array(d), distortion_model=model,
        p=np.array(p), binning_x=binning, binning_y=binning, roi=SimpleNamespace(
            **dict(zip(('x_offset', 'y_offset', 'width', 'height'), roi))))


def shown(message: SimpleNamespace, image: object = None, **options: object):
    view = View()
    viewed = CameraInfoView(view, **options)
    if image is not None:
        viewed.set_image_size(image)
    viewed.show(7, message)
    (stamp_ns, camera), = view.cameras
    assert stamp_ns == 7
    return camera


def compressed(width: int, height: int) -> SimpleNamespace:
    picture = cv2.imencode('.jpg', np.zeros((height, width, 3), np.uint8))[1]
    return SimpleNamespace(data=picture.tobytes())


@pytest.mark.parametrize('image', [SimpleNamespace(width=320, height=240), compressed(320, 240)])
def test_the_camera_is_that_of_the_images_size(image) -> None:
    camera = shown(info(), image)
    assert (camera.width, camera.height, camera.matrix[0, 0]) == (320, 240, 250)


def test_regions_and_binning_are_those_of_the_images() -> None:
    camera = shown(info(binning=2, roi=(100, 40, 400, 300)))
    assert (camera.width, camera.height) == (200, 150)
    assert camera.matrix[0, 2] == pytest.approx((320 - 100 + 0.5) / 2 - 0.5)


def test_lenses_are_those_of_the_node() -> None:
    assert shown(info(model='equidistant', d=[0.1, -0.05, 0.02, 0])).lens.max_angle > 1.57
    r8 = [0.5, 0.1, 0.001, -0.002, 0.01, 0.8, 0.2, 0.01]
    assert shown(info(model='rational_polynomial', d=r8 + [0] * 6)).distortion[7] == 0.01
    p = [450.0, 0, 330, 0, 0, 450, 250, 0, 0, 0, 1, 0]
    rectified = shown(info(model='omni', d=[0.1] * 5, p=p), rectified=True)
    assert rectified.matrix[0, 0] == 450 and not rectified.distortion.any()


@pytest.mark.parametrize('k', [[0.0] * 9, [-1.0, 0, 320, 0, -1, 240, 0, 0, 1],
                               [1.0, 0, 320, 0, 1, 240, 0, 0, 1]])
def test_a_camera_that_is_not_calibrated_is_guessed_and_reported_once(k, caplog) -> None:
    view = View()
    viewed = CameraInfoView(view, fov=math.pi / 2)
    for stamp_ns in range(3):
        viewed.show(stamp_ns, info(k=k))
    assert all(c.matrix[0, 0] == pytest.approx(320) for _, c in view.cameras)
    assert caplog.text.count('not calibrated') == 1


def test_a_lens_that_focuses_is_reported_once(caplog) -> None:
    viewed = CameraInfoView(View())
    for i in range(4):
        viewed.show(i, info(k=[500.0, 0, 60 + i / 10, 0, 500, 240, 0, 0, 1]))
    assert caplog.text.count('far from the middle') == 1


def test_a_lens_that_is_not_supported_is_reported_once_and_not_shown(caplog) -> None:
    view = View()
    viewed = CameraInfoView(view)
    for stamp_ns in range(3):
        viewed.show(stamp_ns, info(model='omni', d=[0.1] * 5))
    assert not view.cameras and caplog.text.count("'omni'") == 1


def test_a_size_that_is_not_filled_in_is_waited_for() -> None:
    view = View()
    viewed = CameraInfoView(view)
    viewed.show(1, info(size=(0, 0)))
    viewed.set_image_size(SimpleNamespace(data=b'no picture'))
    viewed.show(2, info(size=(0, 0)))
    viewed.set_image_size(SimpleNamespace(width=640, height=480))
    viewed.show(3, info(size=(0, 0)))
    (stamp_ns, camera), = view.cameras
    assert stamp_ns == 3 and camera.width == 640
