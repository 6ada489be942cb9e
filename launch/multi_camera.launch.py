# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Publish the skeletons of the people in front of several cameras whose drivers are running."""

from __future__ import annotations

from pathlib import Path

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch_ros.actions import Node
import yaml

from pose_machine_ros.ros.rig import CameraRig, dotted
from pose_machine_ros.ros.runtime.launch_arguments import (
    clock_parameters, NODE_ARGUMENTS, NODE_CHOICES, node_settings, respawn_settings)

CONFIG = Path(__file__).parents[1] / 'config'

ARGUMENTS = (
    ('cameras', str(CONFIG / 'cameras.yaml'),
     'YAML file of the cameras; make a copy of the default one'),
    ('params_file', str(CONFIG / 'pose_machine.yaml'),
     "YAML file of the nodes' parameters; those in the file of the cameras override them"),
    *NODE_ARGUMENTS,
)


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and a node for each camera."""
    return LaunchDescription([
        *(DeclareLaunchArgument(name, default_value=default, description=description,
                                choices=NODE_CHOICES.get(name))
          for name, default, description in ARGUMENTS),
        OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return one process with all nodes, or a process for each node, as the cameras file says."""
    given = context.launch_configurations
    defaults = yaml.safe_load((CONFIG / 'pose_machine.yaml').read_text())['/**']['ros__parameters']
    rig = CameraRig.from_yaml(Path(given['cameras']), dotted(defaults))
    clock = clock_parameters(given)
    settings = {**node_settings(given, CONFIG), **respawn_settings(given)}
    if rig.one_process:
        return [Node(package='pose_machine_ros', executable='multi_camera_node',
                     arguments=[given['cameras']],
                     parameters=[given['params_file'], *([clock] if clock else [])], **settings)]
    return [Node(
        package='pose_machine_ros', executable='pose_machine_node', name='pose_machine',
        namespace=camera.namespace,
        parameters=[given['params_file'], *([p] if (p := {**clock, **camera.parameters}) else [])],
        remappings=[('image', camera.image), ('camera_info', camera.camera_info)], **settings)
        for camera in rig.cameras]
