# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Stamps of cameras with a time offset."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from rclpy.node import Node

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration.extrinsics import Extrinsics
from pose_machine_ros.ros.input.camera_poses import CameraPoses


def test_an_offset_is_added_and_must_not_lead_before_time_0(node: Node, tmp_path: Path) -> None:
    path = tmp_path / 'rig.yaml'
    Extrinsics('map', {'eye': RigidTransform()}, {'eye': -0.3}).save(path)
    poses = CameraPoses(node, 'map', str(path))

    def stamp_ns(stamp_ns: int) -> int:
        return poses.stamp_ns(SimpleNamespace(camera='eye', stamp_ns=stamp_ns))
    assert stamp_ns(10**9) == 700_000_000
    for early in (100_000_000, 300_000_000):  # 0 would be "no stamp"
        with pytest.raises(InputError, match='time_offset of camera eye, -0.300 s.*rig.yaml'):
            stamp_ns(early)
