# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine benchmark: measure the time of each stage on real footage"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pose_machine_ros.commands.options import add_camera, add_lifting, camera_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('--video', type=Path, help='footage (default: the sample video)')
    parser.add_argument('--width', type=int, default=1280,
                        help='px the frames are shrunk to (default: %(default)s)')
    parser.add_argument('--frames', type=int, default=200,
                        help='frames to measure, after 20 to warm up (default: %(default)s)')
    parser.add_argument('--max-people', type=int, default=6)
    parser.add_argument('--json', type=Path, metavar='FILE', help='file to write the figures to')
    add_camera(parser)
    add_lifting(parser)


def run(args: argparse.Namespace) -> None:
    """Measure, print a table, and write the figures."""
    from pose_machine_ros.evaluation.speed import measure
    from pose_machine_ros.lifter import LiftingConfig
    from pose_machine_ros.machine import MachineConfig
    from pose_machine_ros.sample import sample_video
    from pose_machine_ros.tracking import TrackingConfig

    config = MachineConfig(
        device=args.device, tracking=TrackingConfig(max_people=args.max_people),
        lifting=LiftingConfig(correction=args.correction, person_height=args.person_height))
    result = measure(args.video or sample_video(), config, args.width, args.frames,
                     lambda width, height: camera_of(args, width, height))
    for name, value in result['machine'].items():
        print(f'{name}: {value}')
    print(f'{"stage":10} {"median ms":>10} {"p99 ms":>10}')
    for stage, figures in result['stages_ms'].items():
        print(f'{stage:10} {figures["median"]:10.2f} {figures["p99"]:10.2f}')
    print(f'{result["frames"]} frames of {result["size"]}, {result["people"]:.1f} people a frame, '
          f'{result["frames_per_second"]:.1f} frames/s')
    if args.json:
        args.json.write_text(json.dumps(result, indent=2))
