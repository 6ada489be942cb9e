# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Nodes for several cameras in one process, which share the memory of the networks."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from rclpy.parameter import Parameter
from rclpy.utilities import remove_ros_args

from pose_machine_ros.errors import InputError
from pose_machine_ros.networks import NetworkPool
from pose_machine_ros.ros.node import PoseMachineNode
from pose_machine_ros.ros.parameters import NAMES
from pose_machine_ros.ros.rig import CameraRig
from pose_machine_ros.ros.runtime.process import run_nodes


def make_nodes(path: Path) -> Iterator[PoseMachineNode]:
    """Make a node for each camera in the file at `path`.

    Raises InputError for an invalid file or parameter.
    """
    rig = CameraRig.from_yaml(path, NAMES)
    pool = NetworkPool()
    for camera in rig.cameras:
        remappings = (f'image:={camera.image}', f'camera_info:={camera.camera_info}')
        try:
            yield PoseMachineNode(
                pool, namespace=camera.namespace,
                cli_args=['--ros-args', *(x for r in remappings for x in ('-r', r))],
                parameter_overrides=[
                    Parameter(name, value=value) for name, value in camera.parameters.items()])
        except InputError as error:
            raise InputError(f'{camera.namespace}: {error}') from error


def main(args: list[str] | None = None) -> int:
    """Run the nodes until SIGINT or SIGTERM; return the exit status."""
    parser = argparse.ArgumentParser(prog='multi_camera_node', description=__doc__)
    parser.add_argument('cameras', type=Path, help='YAML file with the list of cameras')
    path = parser.parse_args(remove_ros_args(args)[1:]).cameras
    return run_nodes(lambda: make_nodes(path), args)
