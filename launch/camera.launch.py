# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Publish the skeletons of the people in front of a camera whose driver is running."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch_ros.actions import Node

from pose_machine_ros.ros.runtime.launch_arguments import (
    BOOLEANS, clock_parameters, depth_remappings, is_true, NODE_ARGUMENTS, NODE_CHOICES,
    node_settings, respawn_settings)

CONFIG = Path(__file__).parents[1] / 'config'

ARGUMENTS = (
    ('image', '/camera/image_raw', 'Topic of the images, sensor_msgs/Image'),
    ('camera_info', '/camera/camera_info', 'Topic of the intrinsics, sensor_msgs/CameraInfo'),
    ('depth', '', 'Topic of depth images, sensor_msgs/Image, with camera_info beside them; empty = '
     'without depth'),
    ('depth_camera', '', 'realsense, orbbec or oak = the topics of image, camera_info and depth '
     'that its driver has, with depth aligned to colour; topics given here come first'),
    ('namespace', '', 'Namespace of the node, for one camera of several'),
    ('params_file', str(CONFIG / 'pose_machine.yaml'), "YAML file of the node's parameters"),
    ('device', '', 'auto, cpu, cuda or cuda:N; empty = as in params_file'),
    ('correction', '', 'none, geometric, learned or paper; empty = as in params_file'),
    ('autostart', '', 'false = leave configuring and activating to a lifecycle manager; empty = as '
     'in params_file'),
    *NODE_ARGUMENTS,
    ('rviz', 'false', 'true = show the skeletons in RViz'),
    ('frame', 'camera', "frame_id of the camera's images, the fixed frame of RViz"),
)
# Topics of image, camera_info and depth, as the drivers name them by default
DEPTH_CAMERAS = {
    'realsense': ('/camera/camera/color/image_raw', '/camera/camera/color/camera_info',
                  '/camera/camera/aligned_depth_to_color/image_raw'),
    'orbbec': ('/camera/color/image_raw', '/camera/color/camera_info', '/camera/depth/image_raw'),
    'oak': ('/oak/rgb/image_raw', '/oak/rgb/camera_info', '/oak/stereo/image_raw')}
CHOICES = {'depth_camera': ('', *DEPTH_CAMERAS), 'autostart': ('', *BOOLEANS), 'rviz': BOOLEANS,
           **NODE_CHOICES}


def generate_launch_description() -> LaunchDescription:
    """Return the arguments, the node and, if `rviz` is true, RViz."""
    return LaunchDescription([
        *(DeclareLaunchArgument(name, default_value=default, description=description,
                                choices=CHOICES.get(name))
          for name, default, description in ARGUMENTS),
        OpaqueFunction(function=nodes)])


def nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the nodes for the given arguments."""
    given = context.launch_configurations
    image, camera_info, depth = topics(given)
    overrides = clock_parameters(given)
    if depth:
        overrides['depth.enabled'] = True
    overrides |= {name: given[argument] for name, argument in
                  (('device', 'device'), ('correction.mode', 'correction')) if given[argument]}
    if given['autostart']:
        overrides['autostart'] = is_true(given['autostart'])
    actions = [Node(
        package='pose_machine_ros', executable='pose_machine_node', name='pose_machine',
        namespace=given['namespace'],
        parameters=[given['params_file'], *([overrides] if overrides else [])],
        remappings=[('image', image), ('camera_info', camera_info),
                    *(depth_remappings(depth) if depth else [])],
        **node_settings(given, CONFIG), **respawn_settings(given))]
    if is_true(given['rviz']):
        node = f'/{given["namespace"].strip("/")}/pose_machine'.replace('//', '/')
        actions.append(Node(
            package='rviz2', executable='rviz2', output='log',
            arguments=['-d', str(CONFIG / 'pose_machine.rviz'), '-f', given['frame']],
            parameters=[clock_parameters(given)] if clock_parameters(given) else [],
            remappings=[*((f'/pose_machine/{topic}', f'{node}/{topic}')
                          for topic in ('markers', 'annotated_image')),
                        ('/camera/image_raw', image)]))
    return actions


def topics(given: Mapping[str, str]) -> list[str]:
    """Return the topics of image, camera_info and depth, which is empty without depth."""
    names = ('image', 'camera_info', 'depth')
    defaults = {name: default for name, default, _ in ARGUMENTS}
    preset = DEPTH_CAMERAS.get(given['depth_camera'], [given[name] for name in names])
    return [given[name] if given[name] != defaults[name] else topic
            for name, topic in zip(names, preset)]
