# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Nodes for several cameras in one process, which share the memory of the networks.

If the file of the cameras has a section `fusion`, the fusion node runs in the same process, and
gets the results without messages.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.utilities import remove_ros_args

from pose_machine_ros.errors import InputError
from pose_machine_ros.networks import NetworkPool
from pose_machine_ros.ros import fusion_parameters, parameters
from pose_machine_ros.ros.fusion_node import FusionNode
from pose_machine_ros.ros.input.skeleton_inbox import SkeletonInbox
from pose_machine_ros.ros.node import PoseMachineNode
from pose_machine_ros.ros.output.fusion_input import FusionInput
from pose_machine_ros.ros.output.output import Output
from pose_machine_ros.ros.rig import CameraRig
from pose_machine_ros.ros.runtime.process import run_nodes


def make_nodes(path: Path, fusion: bool | None = None) -> Iterator[PoseMachineNode | FusionNode]:
    """Make a node for each camera in the file at `path`, and the fusion node if there is one.

    `fusion` tells whether there is one; None: as the file says. Raises InputError for an invalid
    file or parameter.
    """
    rig = CameraRig.from_yaml(path, parameters.NAMES, fusion_parameters.NAMES)
    has_fusion = rig.fusion is not None if fusion is None else fusion
    fused = rig.fusion_parameters if has_fusion else {}
    pool, inbox = NetworkPool(), SkeletonInbox()

    def more_outputs(node: Node) -> list[Output]:
        topic = node.resolve_topic_name('~/skeletons')
        return [FusionInput(node, inbox, topic)] if has_fusion else []

    use_sim_time = False
    for camera in rig.cameras:
        remappings = [f'{name}:={topic}' for name, topic in camera.remappings]
        try:
            node = PoseMachineNode(
                pool, more_outputs, namespace=camera.namespace,
                cli_args=['--ros-args', *(x for r in remappings for x in ('-r', r))],
                parameter_overrides=_overrides(camera.parameters))
        except InputError as error:
            raise InputError(f'{camera.namespace}: {error}') from error
        use_sim_time = node.get_parameter('use_sim_time').value
        yield node
    if has_fusion:
        # The arguments of the process, such as parameter files, are those of the pose nodes
        yield FusionNode(inbox, use_global_arguments=False, parameter_overrides=_overrides(
            {'use_sim_time': use_sim_time, **fused}))


def _overrides(values: dict[str, Any]) -> list[Parameter]:
    return [Parameter(name, value=value) for name, value in values.items()]


def main(args: list[str] | None = None) -> int:
    """Run the nodes until SIGINT or SIGTERM; return the exit status."""
    parser = argparse.ArgumentParser(
        prog='multi_camera_node', description=(__doc__ or '').partition('\n')[0])
    parser.add_argument('cameras', type=Path, help='YAML file with the list of cameras')
    parser.add_argument('--fusion', action=argparse.BooleanOptionalAction, default=None,
                        help='run the fusion node, too; default: as in the file')
    given = parser.parse_args(remove_ros_args(args)[1:])
    return run_nodes(lambda: make_nodes(given.cameras, given.fusion), args)
