# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons of the people in a video file, which is played as if it were a camera."""

from __future__ import annotations

from pathlib import Path

from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction, Shutdown
from launch.launch_description_sources import PythonLaunchDescriptionSource

_BOOLEAN = ('true', 'True', 'false', 'False')
CAMERA_LAUNCH = Path(__file__).with_name('camera.launch.py')

# The other arguments are those of camera.launch.py.
ARGUMENTS = (
    ('calibration', '', "YAML file in the format of ROS's camera calibration; empty = unknown"),
    ('rate', '0.0', "Images a second; 0.0 = the file's own"),
    ('loop', 'false', 'true = begin again at the end, instead of ending'),
    ('width', '0', 'Width in px to scale the video down to; 0 = as it is'),
)
CHOICES = {'loop': _BOOLEAN}


def generate_launch_description() -> LaunchDescription:
    """Return the camera stand-in with all of camera.launch.py; ends when the video does."""
    return LaunchDescription([
        DeclareLaunchArgument('file', description='The video file'),
        *(DeclareLaunchArgument(name, default_value=default, description=description,
                                choices=CHOICES.get(name))
          for name, default, description in ARGUMENTS),
        IncludeLaunchDescription(PythonLaunchDescriptionSource(str(CAMERA_LAUNCH))),
        OpaqueFunction(function=camera)])


def camera(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the camera stand-in, publishing where the node listens."""
    given = context.launch_configurations
    return [Node(
        package='pose_machine_ros', executable='video_camera', name='video_camera',
        namespace=given['namespace'], output='screen', on_exit=Shutdown(reason='the video ended'),
        parameters=[{
            'file': given['file'], 'calibration': given['calibration'],
            'rate': float(given['rate']), 'loop': given['loop'].lower() == 'true',
            'width': int(given['width']), 'frame_id': given['frame'], 'wait_for_subscribers': 1}],
        remappings=[('image', given['image']), ('camera_info', given['camera_info'])])]
