# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Merge the skeletons of several cameras whose pose nodes are running, on any hosts."""

from __future__ import annotations

from pathlib import Path

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch_ros.actions import Node
import yaml

from pose_machine_ros.ros.runtime.launch_arguments import (
    clock_parameters, NODE_ARGUMENTS, NODE_CHOICES, node_settings, respawn_settings)

CONFIG = Path(__file__).parents[1] / 'config'

ARGUMENTS = (
    ('inputs', '', 'Topics of the skeletons of the cameras, as "[/left/pose_machine/skeletons, '
     '/right/pose_machine/skeletons]"; one needs no brackets; empty = as in params_file'),
    ('target_frame', '', 'Frame of the results, such as map; empty = as in params_file'),
    ('extrinsics', '', 'YAML file with the poses of the cameras; empty = as in params_file, which '
     'has TF by default'),
    ('namespace', '', 'Namespace of the node'),
    ('params_file', str(CONFIG / 'fusion.yaml'), "YAML file of the node's parameters"),
    *NODE_ARGUMENTS,
)


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and the node."""
    return LaunchDescription([
        *(DeclareLaunchArgument(name, default_value=default, description=description,
                                choices=NODE_CHOICES.get(name))
          for name, default, description in ARGUMENTS),
        OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the node for the given arguments."""
    given = context.launch_configurations
    overrides = clock_parameters(given)
    overrides |= {name: given[name] for name in ('target_frame', 'extrinsics') if given[name]}
    if given['inputs']:
        inputs = yaml.safe_load(given['inputs'])
        overrides['inputs'] = inputs if isinstance(inputs, list) else [inputs]
    return [Node(
        package='pose_machine_ros', executable='fusion_node', name='fusion',
        namespace=given['namespace'],
        parameters=[given['params_file'], *([overrides] if overrides else [])],
        **node_settings(given, CONFIG), **respawn_settings(given))]
