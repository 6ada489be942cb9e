# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine evaluate: measure the skeletons against what is known"""

from __future__ import annotations

import argparse
from collections.abc import Callable
import json
from pathlib import Path
import sys

from pose_machine_ros.commands.options import add_backend

_LAGS = (0, 3, 9)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    kinds = parser.add_subparsers(dest='kind', required=True, metavar='KIND')
    video = kinds.add_parser('real-video', help='footage with 3D truth, through the whole machine')
    video.add_argument('--truth', type=Path, required=True, metavar='DIR',
                       help='folder with <camera>_truth.npz')
    video.add_argument('--videos', type=Path, required=True, metavar='DIR',
                       help='folder with <camera>.mp4')
    video.add_argument('--mediapipe', nargs='*', default=[], choices=('full', 'heavy'),
                       help='compare with MediaPipe Pose, which has to be importable')
    video.add_argument('--behind', type=int, metavar='FRAMES',
                       help='by which the videos are behind the truth (default: as their '
                       'keypoints say)')
    add_backend(video)
    mocap = kinds.add_parser('mocap', help='held-out motion capture seen by synthetic cameras')
    mocap.add_argument('--data', type=Path, required=True, metavar='NPZ',
                       help='motion capture with a split test')
    mocap.add_argument('--seconds', type=float, default=3.0,
                       help='length of each clip (default: %(default)s)')
    people = kinds.add_parser('people', help='who is who, on synthetic crossings and real footage')
    people.add_argument('--data', type=Path, metavar='NPZ',
                        help='motion capture with a split test, whose people walk past each other')
    people.add_argument('--crossings', type=int, default=8, metavar='N',
                        help='crossings of each kind (default: %(default)s)')
    people.add_argument('--footage', action='store_true',
                        help='real videos with several people as well; they are got with pip')
    for kind in (video, mocap):
        kind.add_argument('--person-height', type=float, default=0.0, metavar='M',
                          help='height of everyone in view, 0 for unknown (default: %(default)s)')
        kind.add_argument('--baselines', type=Path, metavar='DIR',
                          help='folder with mlp, tcn and lstm.safetensors, to compare with')
        kind.add_argument('--plot', type=Path, metavar='PNG', help='picture to draw')
    for kind in (video, mocap, people):
        kind.add_argument('--json', type=Path, metavar='FILE', help='file to write the figures to')
        kind.add_argument('--update', type=Path, metavar='FILE',
                          help='Markdown page whose table to replace, such as docs/evaluation.md')
        kind.add_argument('--marker', metavar='NAME',
                          help='name of the lines <!-- NAME --> and <!-- /NAME --> around that '
                          'table (default: the kind)')
        kind.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:N')


def run(args: argparse.Namespace) -> None:
    """Measure, print a table, and write what was asked for."""
    from pose_machine_ros.evaluation import report

    figures, columns = _people(args) if args.kind == 'people' else _poses(args)
    text = report.table(figures, columns)
    print(text)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))
    if args.update:
        report.update(args.update, args.marker or args.kind, text)
    if args.kind != 'people' and args.plot:
        report.plot(figures, args.plot, f'pose-machine evaluate {args.kind}')


def _people(args: argparse.Namespace) -> tuple[dict, dict]:
    """Return the figures of who is who, and the table's columns."""
    from pose_machine_ros.errors import InputError
    from pose_machine_ros.evaluation import people
    from pose_machine_ros.machine import MachineConfig
    if not args.data and not args.footage:
        raise InputError('nothing to measure: give --data NPZ, --footage, or both')
    config = MachineConfig(device=args.device)
    sets = people.on_crossings(args.data, args.crossings, config) if args.data else {}
    if args.footage:
        sets |= people.on_footage(config)
    return {name: {'machine': f} for name, f in sets.items()}, people.COLUMNS


def _poses(args: argparse.Namespace) -> tuple[dict, dict]:
    """Return every method's figures, and the table's columns."""
    from pose_machine_ros.evaluation import report

    def progress(text: str) -> None:
        print(text, file=sys.stderr)

    sets = _sets(args)
    figures = report.compare(sets, _methods(args), progress)
    for others, fits in _further_methods(args):
        chosen = {name: clips for name, clips in sets.items() if fits(name, clips)}
        for name, rows in report.compare(chosen, others, progress).items():
            figures[name] |= rows
    return figures, report.POSE_COLUMNS


def _sets(args: argparse.Namespace) -> dict:
    if args.kind == 'mocap':
        from pose_machine_ros.evaluation import mocap_clips
        return {name: mocap_clips.clips(args.data, view, args.seconds)
                for name, view in mocap_clips.VIEWS.items()}
    from pose_machine_ros.evaluation import real_video
    from pose_machine_ros.keypoints2d import Keypoints2DConfig
    from pose_machine_ros.machine import MachineConfig
    seen = real_video.clips(args.truth, args.videos, MachineConfig(
        device=args.device, keypoints=Keypoints2DConfig(backend=args.backend)), args.behind)
    given = real_video.given_clips(args.truth)
    return {**{clip.name: [clip] for clip in seen},
            **{f'{clip.name}, given 2D': [clip] for clip in given}}


def _methods(args: argparse.Namespace) -> dict:
    from pose_machine_ros.evaluation import methods
    from pose_machine_ros.lifting.lifter import CORRECTIONS, LiftingConfig, load_recurrent_lifter
    config = LiftingConfig(person_height=args.person_height)
    rows = methods.corrections(CORRECTIONS, config, args.device)
    network = load_recurrent_lifter()
    rows |= {f'lag {lag}': methods.Offline(network, lag, device=args.device) for lag in _LAGS}
    rows['no memory'] = methods.Offline(network, memoryless=True, device=args.device)
    if args.baselines:
        rows |= {name: methods.Offline(methods.load_baseline(args.baselines, name),
                                       device=args.device) for name in methods.BASELINES}
    return rows


def _further_methods(args: argparse.Namespace) -> list[tuple[dict, Callable]]:
    """Return methods that fit some sets of clips alone, or take long, and which sets they fit."""
    from pose_machine_ros.evaluation import methods
    from pose_machine_ros.lifting.lifter import LiftingConfig
    if args.kind == 'mocap':
        told = {f'{what} known': methods.Online(LiftingConfig(), args.device, told=what)
                for what in ('height', 'floor')}
        return [(told, lambda name, clips: name in ('clean', 'noisy'))]
    if not args.mediapipe:
        return []
    from pose_machine_ros.evaluation.mediapipe_world import MediaPipeWorld
    others = {f'MediaPipe {model}': MediaPipeWorld(model) for model in args.mediapipe}
    return [(others, lambda name, clips: clips[0].video is not None)]
