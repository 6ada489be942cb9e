# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Depth images of another camera, and the end of the subscription at any moment."""

from __future__ import annotations

import numpy as np
import pytest
from rclpy.node import Node
from ros.faults.malformed import good_info
from sensor_msgs.msg import Image
from support.people import header

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.ros.input.depth_source import DepthInputConfig, DepthSource


class StubTransforms:
    """Knows one pose."""

    def lookup(self, *_: object) -> RigidTransform:
        return RigidTransform()

    def close(self) -> None:
        pass


@pytest.fixture
def depth(node: Node) -> DepthSource:
    made = DepthSource(node, DepthInputConfig(enabled=True))
    made.open()
    return made


def give(depth: DepthSource, seconds: float, frame_id: str) -> Camera:
    """Deliver a depth image of a calibrated camera, and return that camera."""
    info = good_info()
    values = np.full((info.height, info.width), 2600, np.uint16)
    image = Image(header=header(seconds, frame_id), height=info.height, width=info.width,
                  encoding='16UC1', step=2 * info.width)
    image.data.frombytes(values.tobytes())
    depth._on_info(info)
    depth._on_image(image)
    return Calibration.from_camera_info(info).camera(info.width, info.height)


def test_closing_while_a_depth_image_is_read_costs_nothing_but_this_image(
        depth: DepthSource, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = give(depth, 1.0, 'depth_eye')
    depth._transforms = StubTransforms()
    calibration = Calibration.from_camera_info

    def closes(info: object) -> Calibration:
        depth.close()
        return calibration(info)
    monkeypatch.setattr(Calibration, 'from_camera_info', closes)
    found = depth.find(header(1.0, 'eye'), 10**9, camera)
    assert found is not None and depth._transforms is None


def test_after_a_rest_nothing_is_known_of_the_depth_camera(depth: DepthSource) -> None:
    camera = give(depth, 1.0, 'depth_eye')
    assert depth.find(header(1.0, 'eye'), 10**9, camera) is None  # TF is not known yet
    depth.close()
    depth.open()
    depth.watch()
    assert depth._transforms is None  # perhaps this depth camera is aligned
    assert depth._info is None
    depth.close()
