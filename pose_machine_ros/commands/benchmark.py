# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine benchmark: measure the time of each stage, or several cameras, on a video."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pose_machine_ros.commands.options import (
    add_camera, add_keypoints, add_lifting, add_max_people, camera_of, keypoints_config,
    lifting_config)

if TYPE_CHECKING:
    from pose_machine_ros.camera.camera import Camera


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('--video', type=Path, help='video file (default: the sample video)')
    parser.add_argument('--width', type=int, default=1280,
                        help='width in px to which frames are shrunk (default: %(default)s)')
    parser.add_argument('--frames', type=int, default=200,
                        help='frames to measure, after 20 frames of warm-up (default: %(default)s)')
    add_max_people(parser)
    parser.add_argument('--cameras', type=int, default=1, metavar='N',
                        help='compare the speed and memory of N cameras in N processes or in one')
    parser.add_argument('--json', type=Path, metavar='FILE', help='file to write the figures to')
    add_camera(parser)
    add_lifting(parser)
    add_keypoints(parser)


def run(args: argparse.Namespace) -> None:
    """Measure, print a table, and write the figures."""
    from pose_machine_ros.evaluation import several_cameras, speed
    from pose_machine_ros.io.sample_video import sample_video
    from pose_machine_ros.machine import MachineConfig
    from pose_machine_ros.tracking.config import TrackingConfig

    config = MachineConfig(
        device=args.device, keypoints=keypoints_config(args),
        tracking=TrackingConfig(max_people=args.max_people),
        lifting=lifting_config(args))
    arguments = (args.video or sample_video(), config, args.width, args.frames)

    def make_camera(width: int, height: int) -> Camera:
        return camera_of(args, width, height)

    if args.cameras == 1:
        result = speed.benchmark(*arguments, make_camera)
        _print_stages(result)
    else:
        result = several_cameras.benchmark(*arguments, args.cameras, make_camera)
        _print_arrangements(result, args.cameras)
    if args.json:
        args.json.write_text(json.dumps(result, indent=2))


def _print_stages(result: dict) -> None:
    for name, value in result['machine'].items():
        print(f'{name}: {value}')
    print(f'{"stage":10} {"median ms":>10} {"p99 ms":>10}')
    for stage, figures in result['stages_ms'].items():
        print(f'{stage:10} {figures["median"]:10.2f} {figures["p99"]:10.2f}')
    print(f'{result["frames"]} frames of {result["size"]}, {result["people"]:.1f} people a frame, '
          f'{result["frames_per_second"]:.1f} frames/s')


def _print_arrangements(result: dict, cameras: int) -> None:
    print(f'{f"{cameras} cameras":42} {"frames/s":>9} {"median ms":>10} {"p99 ms":>8} '
          f'{"CPU ms":>8} {"memory MB":>10}')
    for name, figures in result.items():
        print(f'{name:42} {figures["frames_per_second"]:9.1f} {figures["median_ms"]:10.1f} '
              f'{figures["p99_ms"]:8.1f} {figures["cpu_ms"]:8.1f} '
              f'{figures["memory_mb"]:10.0f}')
