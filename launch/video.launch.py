# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Play a video file as a camera, and publish the skeletons of the people in it."""

from __future__ import annotations

from pathlib import Path

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction, Shutdown
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.actions import Node

from pose_machine_ros.ros.runtime.launch_arguments import BOOLEANS, is_true, node_settings

CAMERA_LAUNCH = Path(__file__).with_name('camera.launch.py')
CONFIG = Path(__file__).parents[1] / 'config'

# camera.launch.py declares the other arguments.
ARGUMENTS = (
    ('calibration', '', "YAML file in the format of ROS's camera calibration; empty = unknown"),
    ('rate', '0.0', 'Images per second; 0.0 = the rate of the file'),
    ('loop', 'false', 'true = start again at the end of the file; false = shut down there'),
    ('width', '0', 'Width in px to scale the video down to; 0 = the width of the file'),
)
CHOICES = {'loop': BOOLEANS}


def generate_launch_description() -> LaunchDescription:
    """Return the video camera and everything of camera.launch.py; ends when the video ends."""
    return LaunchDescription([
        DeclareLaunchArgument('file', description='The video file'),
        *(DeclareLaunchArgument(name, default_value=default, description=description,
                                choices=CHOICES.get(name))
          for name, default, description in ARGUMENTS),
        IncludeLaunchDescription(PythonLaunchDescriptionSource(str(CAMERA_LAUNCH))),
        OpaqueFunction(function=camera)])


def camera(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the node that publishes the video on the topics to which the other one subscribes."""
    given = context.launch_configurations
    return [Node(
        package='pose_machine_ros', executable='video_camera', name='video_camera',
        namespace=given['namespace'], on_exit=Shutdown(reason='the video ended'),
        parameters=[{
            'file': given['file'], 'calibration': given['calibration'],
            'rate': float(given['rate']), 'loop': is_true(given['loop']),
            'preload': True, 'width': int(given['width']), 'frame_id': given['frame'],
            'wait_for_subscribers': 1}],
        remappings=[('image', given['image']), ('camera_info', given['camera_info'])],
        **node_settings(given, CONFIG))]
