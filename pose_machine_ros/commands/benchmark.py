# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine benchmark: measure time, CPU time, torch calls and memory of a frame."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pose_machine_ros.benchmark.case import CAMERAS, Case, cases, PEOPLE, SIZES
from pose_machine_ros.commands.options import (
    add_camera, add_keypoints, add_lifting, add_max_people, add_mediapipe_python, camera_of,
    keypoints_config, lifting_config)
from pose_machine_ros.errors import InputError

if TYPE_CHECKING:
    from pose_machine_ros.config import MachineConfig

_AS_FILMED = 'video'
_IMAGES = 60  # kept in memory
_PATHS = ('video', 'camera', 'mediapipe_python', 'json', 'plot')  # differ between machines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('--video', type=Path, help='video file (default: the sample video)')
    what = parser.add_argument_group(
        'what is measured', 'all combinations; without an option, 1 and 2 people, one camera and '
        '1280x720')
    what.add_argument('--people', type=_people, nargs='+', metavar='N', default=[1, 2],
                      help='people in the images, which are a montage of the people in the video; '
                      f'"{_AS_FILMED}" is the video itself')
    what.add_argument('--cameras', type=int, nargs='+', metavar='N', default=[1],
                      help='cameras at the same time, in one process')
    what.add_argument('--size', type=_size, nargs='+', metavar='WxH', default=[(1280, 720)],
                      help='size of the images in px')
    what.add_argument('--all', action='store_true',
                      help=f'{_list(PEOPLE)} people, {_list(CAMERAS)} cameras, and '
                      f'{_list("{}x{}".format(*s) for s in SIZES)}; takes several minutes')
    what.add_argument('--arrangements', action='store_true',
                      help='several cameras also in a process each, and with networks in batches')
    what.add_argument('--paced', action='store_true',
                      help='images at 30 Hz at most; otherwise a camera has its next one as soon '
                      'as the last one is finished')
    what.add_argument('--ros', action='store_true',
                      help='over ROS instead: camera, node and subscriber are processes')
    what.add_argument('--compare', choices=('mediapipe',),
                      help='take turns with MediaPipe Pose on the same frames instead')
    what.add_argument('--beside', type=int, default=0, metavar='N',
                      help='run N busy loops at normal priority meanwhile (default: %(default)s)')
    add_mediapipe_python(parser)
    parser.add_argument('--frames', type=int, default=200,
                        help='frames of each camera to measure, after a warm-up (default: '
                        '%(default)s)')
    parser.add_argument('--seconds', type=float, default=20.0,
                        help='most time for these frames (default: %(default)s)')
    add_max_people(parser)
    parser.add_argument('--json', type=Path, metavar='FILE', help='file to write the figures to')
    parser.add_argument('--plot', type=Path, metavar='FILE.png',
                        help='plot of the growth with people, cameras and size to write')
    add_camera(parser)
    add_lifting(parser)
    add_keypoints(parser)


def run(args: argparse.Namespace) -> None:
    """Measure, print tables, and write the figures; raises InputError for unusable options."""
    chosen = _cases(args)
    from pose_machine_ros.benchmark import plot, tables
    from pose_machine_ros.benchmark.busy_loops import busy_loops
    from pose_machine_ros.io.output_files import check_output
    from pose_machine_ros.processes.signals import install_interrupt_handlers

    for path in filter(None, (args.json, args.plot)):
        check_output(path)
    install_interrupt_handlers()
    result = _conditions(args)
    with busy_loops(args.beside):
        for kind, row in _measure(args, chosen):
            result[kind].append(row)
            _print_row(kind, row)
    for name, value in result['machine'].items():
        print(f'{name}: {value}')
    print(f'busy loops beside it: {args.beside}; load before it: {result["load"]:.1f}')
    for kind in ('cases', 'over_ros', 'comparison'):
        if result[kind]:
            print(f'\n{getattr(tables, kind)([result])}')
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + '\n')
    if args.plot:
        plot.plot([result], args.plot)


def _cases(args: argparse.Namespace) -> list[Case]:
    if args.frames < 1 or not args.seconds > 0:
        raise InputError(f'frames = {args.frames} must be at least 1, and seconds = '
                         f'{args.seconds:g} positive')
    chosen = cases(PEOPLE, CAMERAS, SIZES, args.arrangements) if args.all else cases(
        args.people, args.cameras, args.size, args.arrangements)
    if (args.ros or args.compare) and any(case.cameras > 1 for case in chosen):
        if not args.all:
            raise InputError('--ros and --compare measure one camera; leave out --cameras')
        chosen = [case for case in chosen if case.cameras == 1]
    return chosen


def _conditions(args: argparse.Namespace) -> dict:
    """Return what the figures depend on, without figures."""
    from datetime import datetime, timezone
    import os

    from pose_machine_ros.devices import pick_device
    from pose_machine_ros.evaluation.host import describe_host
    from pose_machine_ros.io.sample_video import sample_video
    from pose_machine_ros.keypoints2d.backends import choose_backend

    args.video = args.video or sample_video()
    device = pick_device(args.device)
    return {
        'date': f'{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC',
        'command': _command(args),
        'machine': {**describe_host(device), 'model': args.model,
                    'backend': choose_backend(args.backend, device)},
        'video': args.video.name, 'correction': args.correction, 'beside': args.beside,
        'load': os.getloadavg()[0], 'cases': [], 'over_ros': [], 'comparison': []}


def _measure(args: argparse.Namespace, chosen: list[Case]) -> Iterator[tuple[str, dict]]:
    """Yield the kind and the figures of each measurement."""
    from pose_machine_ros.benchmark import comparison, in_process, over_ros
    from pose_machine_ros.benchmark.footage import Footage, FPS
    config = _config(args)
    footage = Footage(args.video, _IMAGES, config)
    cameras = {size: camera_of(args, *size) for size in {case.size for case in chosen}}
    for case in chosen:
        settings, camera = in_process.with_room_for(case, config), cameras[case.size]
        if args.ros:
            seconds = min(args.frames / FPS, args.seconds)
            yield 'over_ros', over_ros.measure(case, footage, settings, seconds, args.camera)
        if args.compare:
            for row in comparison.compare(case, footage, settings, camera, args.frames,
                                          args.mediapipe_python):
                yield 'comparison', row
        if not (args.ros or args.compare):
            yield 'cases', in_process.measure(
                case, footage, settings, camera, args.frames, args.seconds, args.paced)


def _config(args: argparse.Namespace) -> MachineConfig:
    from pose_machine_ros.config import MachineConfig
    from pose_machine_ros.tracking.config import TrackingConfig
    return MachineConfig(device=args.device, keypoints=keypoints_config(args),
                         tracking=TrackingConfig(max_people=args.max_people),
                         lifting=lifting_config(args))


def _print_row(kind: str, row: dict) -> None:
    from pose_machine_ros.benchmark import tables
    if kind == 'cases':
        cameras = f'{row["cameras"]} cameras, {row["arrangement"]}, ' if row['cameras'] > 1 else ''
        print(f'{row["footage"]}, {row["size"]}, {cameras}{row["frames_per_second"]:.1f} frames/s\n'
              f'{tables.stages_of(row)}\n', flush=True)


def _command(args: argparse.Namespace) -> str:
    """Return the command with the options that differ from the defaults."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = ['pose-machine benchmark']
    for name, default in vars(parser.parse_args([])).items():
        value = getattr(args, name)
        if value == default or name in _PATHS:
            continue
        words.append(f'--{name.replace("_", "-")}')
        if value is not True:
            words += map(_word, value) if isinstance(value, list) else [_word(value)]
    return ' '.join(words)


def _word(value: object) -> str:
    """Return an option's value as it is written."""
    if value is None:
        return _AS_FILMED
    return '{}x{}'.format(*value) if isinstance(value, tuple) else f'{value}'


def _people(text: str) -> int | None:
    try:
        return None if text == _AS_FILMED else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not usable; write a number or {_AS_FILMED!r}') from None


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = map(int, text.split('x'))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'{text!r} is no size; write it like 1280x720') from None
    return width, height


def _list(values: Iterable[object]) -> str:
    return ', '.join(map(str, values))
