# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons of the people in front of several cameras whose drivers are running."""

from __future__ import annotations

from pathlib import Path

from launch_ros.actions import Node
import yaml

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from pose_machine_ros.ros.rig import CameraRig, dotted
from pose_machine_ros.ros.runtime.transport import profile_environment

CONFIG = Path(__file__).parents[1] / 'config'

ARGUMENTS = (
    ('cameras', str(CONFIG / 'cameras.yaml'), 'YAML file of the cameras; copy this one'),
    ('params_file', str(CONFIG / 'pose_machine.yaml'),
     "YAML file of the nodes' parameters; those of the cameras file come after it"),
)


def generate_launch_description() -> LaunchDescription:
    """Return a node for each camera."""
    return LaunchDescription([
        *(DeclareLaunchArgument(name, default_value=default, description=description)
          for name, default, description in ARGUMENTS),
        *(SetEnvironmentVariable(*variable) for variable in profile_environment(CONFIG).items()),
        OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the nodes, in one process or in one each."""
    given = context.launch_configurations
    every = yaml.safe_load((CONFIG / 'pose_machine.yaml').read_text())['/**']['ros__parameters']
    rig = CameraRig.from_yaml(Path(given['cameras']), dotted(every))
    if rig.one_process:
        return [Node(package='pose_machine_ros', executable='multi_camera_node', output='screen',
                     arguments=[given['cameras']], parameters=[given['params_file']])]
    return [Node(
        package='pose_machine_ros', executable='pose_machine_node', name='pose_machine',
        namespace=camera.namespace, output='screen',
        parameters=[given['params_file'], *([camera.parameters] if camera.parameters else [])],
        remappings=[('image', camera.image), ('camera_info', camera.camera_info)])
        for camera in rig.cameras]
