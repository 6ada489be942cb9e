# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine calibrate-rig: find the poses of several cameras from people who walk about."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
import logging
import math
from pathlib import Path
from typing import TYPE_CHECKING

from pose_machine_ros.commands.options import add_device, add_keypoints, keypoints_config
from pose_machine_ros.errors import InputError
from pose_machine_ros.processes.signals import interrupt_on_signals

if TYPE_CHECKING:
    from pose_machine_ros.config import MachineConfig
    from pose_machine_ros.io.video import VideoFile
    from pose_machine_ros.rig_calibration.config import RigCalibrationConfig
    from pose_machine_ros.rig_calibration.tracks import CameraTracks

_LOGGER = logging.getLogger(__name__)
_MAX_SECONDS = 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    source = parser.add_argument_group('what the cameras saw, one of')
    source.add_argument(
        '--camera', action='append', default=[], metavar='NAME=FILE',
        help='video of a camera, or keypoints of one person as pose-machine keypoints writes them '
        '(.npz; repeat the name for more people); with --bag, NAME=TOPIC of images or skeletons')
    source.add_argument('--bag', type=Path, metavar='BAG',
                        help='rosbag2 recording with the skeletons or the images of all cameras')
    source.add_argument('--nodes', nargs='+', default=[], metavar='NODE',
                        help='running nodes, such as /left/pose_machine; needs ROS')
    parser.add_argument('--seconds', type=float, default=60.0,
                        help='time to listen to --nodes (default: %(default)g)')
    parser.add_argument('--calibration', action='append', default=[], metavar='NAME=FILE.yaml',
                        help='calibration of the lens of a camera, as for pose-machine run')
    parser.add_argument('--rectified', action='store_true',
                        help='the images are rectified: their intrinsics are the '
                        'projection_matrix of the calibration')
    parser.add_argument('--output', '--out', type=Path, required=True, metavar='RIG.yaml',
                        help='file to write the poses to; beside it, RIG.launch.py publishes them '
                        'as static transforms, and RIG.png shows them')
    parser.add_argument('--frame', default='world',
                        help='frame of the poses: z up, floor at z = 0, below the first camera '
                        '(default: %(default)s)')
    size = parser.add_argument_group('size of the rig, at most one of')
    size.add_argument('--height', type=float, metavar='METRES',
                      help='stature of the person seen most')
    size.add_argument('--camera-height', nargs=2, metavar=('NAME', 'METRES'),
                      help='height of a camera above the floor')
    size.add_argument('--distance', nargs=3, metavar=('NAME', 'NAME', 'METRES'),
                      help='distance between the lenses of two cameras')
    clocks = parser.add_argument_group('clocks').add_mutually_exclusive_group()
    clocks.add_argument('--max-offset', type=float, default=2.0, metavar='SECONDS',
                        help='largest difference between the clocks of two cameras, or the starts '
                        'of two videos (default: %(default)g)')
    clocks.add_argument('--synchronised', action='store_true',
                        help='the stamps of all cameras are right; do not estimate offsets')
    add_device(parser)
    add_keypoints(parser)


@interrupt_on_signals()
def run(args: argparse.Namespace) -> None:
    """Calibrate, print the uncertainty, and write the poses, a launch file and a plot."""
    from pose_machine_ros.io.output_files import check_output
    from pose_machine_ros.rig_calibration.calibration import calibrate_rig
    from pose_machine_ros.rig_calibration.extrinsics_file import write_extrinsics
    from pose_machine_ros.rig_calibration.launch_snippet import write_launch_file
    from pose_machine_ros.rig_calibration.plot import draw_rig
    from pose_machine_ros.rig_calibration.report import report

    config = _config(args)
    outputs = [args.output, *(args.output.with_suffix(s) for s in ('.launch.py', '.png'))]
    for path in outputs:
        check_output(path)
    rig = calibrate_rig(_tracks(args), config)
    for write, path in zip((write_extrinsics, write_launch_file, draw_rig), outputs):
        write(rig, path)
    print('\n'.join([*report(rig), f'Written: {", ".join(map(str, outputs))}']))


def _config(args: argparse.Namespace) -> RigCalibrationConfig:
    from pose_machine_ros.rig_calibration.config import RigCalibrationConfig
    above, apart = args.camera_height, args.distance
    return RigCalibrationConfig(
        0.0 if args.synchronised else args.max_offset, args.height,
        above and (above[0], _metres('camera-height', above[1])),
        apart and (apart[0], apart[1], _metres('distance', apart[2])), args.frame)


def _metres(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InputError(f'--{option} {text} is not a number of metres') from error


def _tracks(args: argparse.Namespace) -> list[CameraTracks]:
    """Return what each camera saw."""
    from pose_machine_ros.config import MachineConfig
    given = [name for name, value in (('--camera', args.camera and not args.bag),
                                      ('--bag', args.bag), ('--nodes', args.nodes)) if value]
    if len(given) != 1:
        raise InputError('give one source: --camera for each video, --bag, or --nodes'
                         + (f'; not {" and ".join(given)}' if given else ''))
    config = MachineConfig(device=args.device, keypoints=keypoints_config(args))
    if args.nodes:
        return _live_tracks(args)
    calibrations = {name: Path(files[0]) for name, files in
                    _named('calibration', args.calibration, is_repeated=False).items()}
    cameras = _named('camera', args.camera, is_repeated=not args.bag)
    if args.bag:
        from pose_machine_ros.rig_calibration.recordings import tracks_of_bag
        topics = {name: topics[0] for name, topics in cameras.items()}
        return tracks_of_bag(args.bag, config, calibrations, topics, _progress,
                             rectified=args.rectified)
    if unknown := sorted(calibrations.keys() - cameras.keys()):
        raise InputError(f'--calibration names {", ".join(unknown)}, and --camera '
                         f'{", ".join(cameras)}; use the same names')
    return _tracks_of_files(cameras, calibrations, config, args.rectified)


def _tracks_of_files(cameras: dict[str, list[str]], calibrations: dict[str, Path],
                     config: MachineConfig, rectified: bool) -> list[CameraTracks]:
    """Return what is in videos and keypoint files; check all of them before work begins."""
    from pose_machine_ros.io.calibration import Calibration
    from pose_machine_ros.io.video import VideoFile
    from pose_machine_ros.rig_calibration.recordings import tracks_of_keypoints, tracks_of_video
    if len(cameras) < 2:
        raise InputError(f'--camera names {", ".join(cameras)} only; a rig has at least two '
                         'cameras that see the same people')
    work, videos = [], {}
    for name, files in cameras.items():
        paths = [Path(f) for f in files]
        if all(p.suffix.lower() == '.npz' for p in paths):
            work.append(lambda n=name, p=paths: tracks_of_keypoints(n, p, config, _progress))
            continue
        if len(files) > 1:
            raise InputError(f'--camera {name} is given {len(files)} times; only keypoint files, '
                             'one a person, can belong to the same camera')
        if name not in calibrations:
            raise InputError(f'{name} has no calibration, so all poses would be guesses; give it '
                             f'with --calibration {name}=FILE.yaml (docs/calibration.md)')
        video = videos[name] = VideoFile(files[0])
        camera = Calibration.from_yaml(calibrations[name]).camera(
            video.width, video.height, rectified=rectified)
        if camera.remark:
            _LOGGER.warning('%s: %s', calibrations[name], camera.remark)
        work.append(lambda n=name, v=video, c=camera: tracks_of_video(n, v, c, config, _progress))
    _warn_about_lengths(videos)
    return [read() for read in work]


def _warn_about_lengths(videos: dict[str, VideoFile]) -> None:
    seconds = {name: len(v) / v.fps for name, v in videos.items()}
    if seconds and max(seconds.values()) > 1.1 * min(seconds.values()) + 1:
        listed = ', '.join(f'{name} {s:.1f} s' for name, s in seconds.items())
        _LOGGER.warning('the videos have different lengths (%s); they must have begun within '
                        '--max-offset of each other', listed)


def _live_tracks(args: argparse.Namespace) -> list[CameraTracks]:
    from pose_machine_ros.ros.tools.skeleton_recorder import record_skeletons
    if not 0 < args.seconds <= _MAX_SECONDS or math.isnan(args.seconds):
        raise InputError(f'--seconds {args.seconds:g} is not between 0 and {_MAX_SECONDS:g}')
    if len(args.nodes) < 2:
        raise InputError('--nodes names one node; a rig has at least two cameras, with a node each')
    names = ['_'.join(node.strip('/').split('/')[:-1]) or node.strip('/') for node in args.nodes]
    if len(set(names)) < len(names):
        names = [node.strip('/').replace('/', '_') for node in args.nodes]
    return record_skeletons({name: f'{node.rstrip("/")}/skeletons'
                             for name, node in zip(names, args.nodes)}, args.seconds)


def _named(option: str, given: list[str], *, is_repeated: bool) -> dict[str, list[str]]:
    """Return the values of NAME=VALUE by name."""
    result: dict[str, list[str]] = {}
    for text in given:
        name, separator, value = text.partition('=')
        if not (name and separator and value):
            raise InputError(f'--{option} {text} has no name; write it as NAME=FILE, such as '
                             f'--{option} left=FILE')
        result.setdefault(name, []).append(value)
    if twice := [name for name, values in result.items() if len(values) > 1 and not is_repeated]:
        raise InputError(f'--{option} gives {twice[0]} twice; keep one')
    return result


def _progress(frames: Iterable, name: str, total: int | None) -> Iterable:
    from tqdm import tqdm
    return tqdm(frames, name, total, unit='frame')
