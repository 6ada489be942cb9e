# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Publish the skeletons of the people in front of several cameras whose drivers are running."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch_ros.actions import Node
import yaml

from pose_machine_ros.ros.rig import CameraRig, dotted
from pose_machine_ros.ros.runtime.launch_arguments import (
    BOOLEANS, clock_parameters, is_true, NODE_ARGUMENTS, NODE_CHOICES, node_settings,
    respawn_settings)

CONFIG = Path(__file__).parents[1] / 'config'

ARGUMENTS = (
    ('cameras', str(CONFIG / 'cameras.yaml'),
     'YAML file of the cameras; make a copy of the default one'),
    ('params_file', str(CONFIG / 'pose_machine.yaml'),
     "YAML file of the nodes' parameters; those in the file of the cameras override them"),
    ('fusion', '', 'true = run the fusion node as well, which merges the skeletons of all cameras; '
     'false = do not; empty = as the section fusion of the file of the cameras'),
    *NODE_ARGUMENTS,
)
CHOICES = {'fusion': ('', *BOOLEANS), **NODE_CHOICES}


def generate_launch_description() -> LaunchDescription:
    """Return the arguments, a node for each camera, and the fusion node if there is one."""
    return LaunchDescription([
        *(DeclareLaunchArgument(name, default_value=default, description=description,
                                choices=CHOICES.get(name))
          for name, default, description in ARGUMENTS),
        OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return one process with all nodes, or a process for each node, as the cameras file says."""
    given = context.launch_configurations
    rig = CameraRig.from_yaml(Path(given['cameras']), names('pose_machine.yaml'),
                              names('fusion.yaml'))
    fusion = {'': rig.fusion is not None}.get(given['fusion'], is_true(given['fusion']))
    clock = clock_parameters(given)
    settings = {**node_settings(given, CONFIG), **respawn_settings(given)}
    fused = rig.fusion_parameters if fusion else {}
    if rig.one_process:
        return [Node(package='pose_machine_ros', executable='multi_camera_node',
                     arguments=[given['cameras'], '--fusion' if fusion else '--no-fusion'],
                     parameters=[given['params_file'], *([clock] if clock else [])], **settings)]
    found = [Node(
        package='pose_machine_ros', executable='pose_machine_node', name='pose_machine',
        namespace=camera.namespace,
        parameters=[given['params_file'], *([p] if (p := {**clock, **camera.parameters}) else [])],
        remappings=camera.remappings, **settings)
        for camera in rig.cameras]
    if fusion:
        found.append(Node(package='pose_machine_ros', executable='fusion_node', name='fusion',
                          parameters=[{**clock, **fused}], **settings))
    return found


def names(file: str) -> dict[str, Any]:
    """Return the parameters in a file of this package, by dotted name."""
    return dotted(yaml.safe_load((CONFIG / file).read_text())['/**']['ros__parameters'])
