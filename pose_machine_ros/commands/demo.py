# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine demo: play a video through camera, node and recorder over DDS, and render it."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
import shutil
import sys

from pose_machine_ros.commands.options import add_camera, add_lifting
from pose_machine_ros.errors import InputError, PoseMachineError

_RESULTS = ('skeletons.mp4', 'skeletons.png', 'summary.json')
_FAILURE, _INTERRUPTED = 1, 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('--video', type=Path, help='video to play (default: the sample video)')
    parser.add_argument('--width', type=int, metavar='PX',
                        help='width of the published images (default: a whole fraction of the '
                             "video's width, near 900 px on the longer side)")
    parser.add_argument('--out', type=Path, default=Path('demo_output'), metavar='DIR',
                        help='folder for the recording, the video, an image and a summary '
                             '(default: %(default)s)')
    add_camera(parser)
    add_lifting(parser)


def run(args: argparse.Namespace) -> int:
    """Run the demo; return the exit status, 1 after an error or without any skeleton."""
    from pose_machine_ros.processes.signals import install_interrupt_handlers

    install_interrupt_handlers()
    try:
        _run(args)
    except PoseMachineError as error:
        print(f'demo: {error}', file=sys.stderr)
        return _FAILURE
    except KeyboardInterrupt:
        print('demo: interrupted; its processes have ended', file=sys.stderr)
        return _INTERRUPTED
    print(f'look at {args.out}/skeletons.mp4 and {args.out}/skeletons.png')
    return 0


def _run(args: argparse.Namespace) -> None:
    from pose_machine_ros.demo.session import play
    from pose_machine_ros.demo.summary import summarize
    from pose_machine_ros.io.calibration import Calibration
    from pose_machine_ros.io.sample_video import sample_video
    from pose_machine_ros.io.video import VideoFile
    from pose_machine_ros.io.video_writer import output_fps
    from pose_machine_ros.rendering.bag_video import render_bag

    path = args.video or sample_video()
    video = VideoFile(path)
    width = args.width or video.reduced_width()
    fov = math.radians(args.fov)
    lens = {'rectified': args.rectified, 'fov': fov}
    if args.camera:  # fails before earlier results are deleted
        Calibration.from_yaml(args.camera).camera(
            width, round(video.height * width / video.width), **lens)
    _clear(args.out)
    bag = args.out / 'bag'
    facts = play(path, args.camera, width, {
        'device': args.device, 'correction.mode': args.correction,
        'person_height': args.person_height, 'image.rotation': args.rotation,
        'image.rectified': args.rectified, 'fov': fov}, bag)
    summary = {'video': path.name, **facts, **summarize(bag)}
    (args.out / 'summary.json').write_text(json.dumps(summary, indent=2) + '\n')
    print(json.dumps(summary, indent=2))
    if not summary['people']:
        raise InputError('no skeleton was recorded')
    render_bag(bag, args.out / 'skeletons.mp4', args.out / 'skeletons.png', output_fps(video),
               by_stamps=not video.has_constant_rate, rotation=args.rotation, **lens)


def _clear(out: Path) -> None:
    """Create the folder `out`, or delete the results of an earlier demo in it, and only these."""
    bag = out / 'bag'
    if bag.is_dir() and {f.suffix for f in bag.iterdir()} - {'.db3', '.yaml'}:
        raise InputError(f'{bag} holds more than a recording; give another folder with --out')
    try:
        out.mkdir(parents=True, exist_ok=True)
        if bag.exists():
            shutil.rmtree(bag)
        for name in _RESULTS:
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f'cannot write to --out {out}: {error}') from error
