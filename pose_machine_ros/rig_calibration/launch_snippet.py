# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A launch file that publishes the poses of the cameras as static transforms."""

from __future__ import annotations

from pathlib import Path
import re

from pose_machine_ros.io.output_files import atomic_output
from pose_machine_ros.rig_calibration.calibration import RigCalibration
from pose_machine_ros.rig_calibration.report import report

_ROUNDING = 5e-7  # seconds
_PARENTS = """#
# Only for cameras whose drivers do not publish their optical frames. Where a driver does, as those
# of RealSense, Orbbec and OAK do (camera_link to the optical frame), the frame would have two
# parents: there, give the YAML file to the fusion node (extrinsics) instead of this launch file.
"""
_OFFSETS = """#
# Transforms have no time offset, and these cameras have one, which the YAML file holds: {names}.
"""
_HEAD = '''from launch import LaunchDescription
from launch_ros.actions import Node


def generate_launch_description():
    """Publish the poses of the cameras."""
    return LaunchDescription([
'''
_NODE = """        Node(
            package='tf2_ros', executable='static_transform_publisher',
            name={name!r},
            arguments=[
                '--x', '{x:.6f}', '--y', '{y:.6f}', '--z', '{z:.6f}',
                '--qx', '{qx:.9f}', '--qy', '{qy:.9f}',
                '--qz', '{qz:.9f}', '--qw', '{qw:.9f}',
                '--frame-id', {frame!r}, '--child-frame-id', {child!r}]),
"""
_TAIL = '    ])\n'


def write_launch_file(rig: RigCalibration, path: Path) -> None:
    """Write a launch file with one static_transform_publisher for each camera.

    Raises InputError if the file cannot be written.
    """
    nodes = []
    for camera in rig.cameras:
        x, y, z = camera.pose.translation
        qx, qy, qz, qw = camera.pose.quaternion()
        safe = re.sub('[^a-zA-Z0-9]', '_', camera.name)
        nodes.append(_NODE.format(name=f'pose_of_{safe}', x=x, y=y, z=z, qx=qx, qy=qy, qz=qz, qw=qw,
                                  frame=rig.frame, child=camera.frame_id))
    comments = ''.join(f'# {line}\n' for line in report(rig)) + _PARENTS
    if late := [camera.name for camera in rig.cameras if abs(camera.time_offset) > _ROUNDING]:
        comments += _OFFSETS.format(names=', '.join(late))
    with atomic_output(path) as partial:
        partial.write_text(comments + _HEAD + ''.join(nodes) + _TAIL)
