# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine view: show live topics or a bag in Rerun, without RViz."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from pose_machine_ros.commands.options import add_lens
from pose_machine_ros.errors import InputError
from pose_machine_ros.rendering.camera_topics import CameraTopics


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    names = CameraTopics
    parser.add_argument('--bag', metavar='BAG',
                        help='rosbag2 recording to show instead of live topics: its folder, or '
                        'its .mcap or .db3 file')
    parser.add_argument('--namespace', default=names.namespace,
                        help='namespace of the camera and its node (default: %(default)s)')
    parser.add_argument('--image', default=names.image, metavar='TOPIC',
                        help='sensor_msgs/Image, or CompressedImage if the name ends in '
                        '/compressed (default: %(default)s)')
    parser.add_argument('--camera-info', default=names.camera_info, metavar='TOPIC',
                        help='default: %(default)s')
    parser.add_argument('--skeletons', default=names.skeletons, metavar='TOPIC',
                        help='default: %(default)s')
    parser.add_argument('--markers', nargs='?', const='pose_machine/markers', metavar='TOPIC',
                        help='show the markers for RViz instead of the skeletons in space '
                        '(topic: %(const)s)')
    parser.add_argument('--save', type=Path, metavar='FILE.rrd',
                        help='write a recording for Rerun instead of opening its window')
    parser.add_argument('--screenshot', type=Path, metavar='FILE.png',
                        help='write an image of the last state instead of opening a window')
    parser.add_argument('--until', type=float, default=math.inf, metavar='SECONDS',
                        help='end of a bag, after its first result (default: all)')
    add_lens(parser)


def run(args: argparse.Namespace) -> None:
    """Show the bag to its end, or live topics until Ctrl-C."""
    from pose_machine_ros.rendering.camera_info_view import CameraInfoView
    from pose_machine_ros.rendering.rerun_viewer import open_view

    if args.bag is not None and not Path(args.bag).exists():
        raise InputError(f'there is no bag {args.bag}; give the folder of a rosbag2 recording')
    topics = CameraTopics(args.image, args.camera_info, args.skeletons, args.markers,
                          args.namespace)
    with open_view(args.save, args.screenshot, is_live=args.bag is None,
                   markers=args.markers is not None) as view:
        camera = CameraInfoView(view, args.rectified, math.radians(args.fov))
        if args.bag is not None:
            from pose_machine_ros.rendering.bag_view import show_bag
            show_bag(Path(args.bag), topics, view, camera, args.until)
        else:
            from pose_machine_ros.ros.tools.topic_view import show_topics
            show_topics(topics, view, camera)
