# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine soak: run camera and node over DDS for hours, and check the node for growth."""

from __future__ import annotations

import argparse
from contextlib import closing
import json
from pathlib import Path

from pose_machine_ros.commands.options import add_lifting
from pose_machine_ros.soak.config import SoakConfig
from pose_machine_ros.soak.growth import GrowthLimits


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('--minutes', type=float, default=SoakConfig.minutes,
                        help='length of the soak (default: %(default)s)')
    parser.add_argument('--rate', type=float, default=SoakConfig.rate,
                        help='images per second (default: %(default)s)')
    parser.add_argument('--every', type=float, default=SoakConfig.every,
                        metavar='SECONDS', help='time between two samples (default: %(default)s)')
    parser.add_argument('--video', type=Path, help='video to play in a loop (default: the sample '
                        'video)')
    parser.add_argument('--width', type=int, metavar='PX', help='width of the published images '
                        "(default: a whole fraction of the video's width, near 900 px on the "
                        'longer side)')
    add_lifting(parser)
    limits = parser.add_argument_group(
        'limits', 'allowed growth of the node from after the warm-up (a quarter of the time, at '
        'most five minutes) to the end; with more growth the exit status is 2')
    limits.add_argument('--more-memory', type=float, default=GrowthLimits.memory_mb,
                        metavar='MB', help='resident memory (default: %(default)s)')
    limits.add_argument('--more-threads', type=int, default=GrowthLimits.threads, metavar='N',
                        help='threads (default: %(default)s)')
    limits.add_argument('--more-handles', type=int, default=GrowthLimits.handles, metavar='N',
                        help='file handles (default: %(default)s)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='file to write the summary to')
    parser.add_argument('--csv', type=Path, metavar='FILE', help='file to write all samples to')
    parser.add_argument('--plot', type=Path, metavar='FILE.png', help='plot to write')


def run(args: argparse.Namespace) -> None:
    """Run the soak and report; raises PoseMachineError if the node grew or failed."""
    from pose_machine_ros.errors import PoseMachineError
    from pose_machine_ros.io.sample_video import sample_video
    from pose_machine_ros.processes.signals import install_interrupt_handlers
    from pose_machine_ros.soak import report
    from pose_machine_ros.soak.session import samples

    limits = GrowthLimits(args.more_memory, args.more_threads, args.more_handles)
    config = SoakConfig(
        video=args.video or sample_video(), minutes=args.minutes, every=args.every, rate=args.rate,
        width=args.width, parameters={'device': args.device, 'correction.mode': args.correction,
                                      'person_height': args.person_height,
                                      'image.rotation': args.rotation})
    install_interrupt_handlers()
    taken = []
    print(report.HEADER, flush=True)
    try:
        with closing(samples(config)) as source:
            for sample in source:
                taken.append(sample)
                print(report.line(sample), flush=True)
    except KeyboardInterrupt:
        print('interrupted; its processes have ended')
    finally:
        if taken and args.csv:
            report.write_csv(taken, args.csv)
        if taken and args.plot:
            report.plot(taken, args.plot)
    if not taken:
        raise PoseMachineError('samples are too few: interrupted before the first')
    result = report.summary(taken, limits)
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + '\n')
    if result['complaints']:
        raise PoseMachineError('; '.join(result['complaints']))
