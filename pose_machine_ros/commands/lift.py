# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine lift: lift 2D keypoints of another detector to 3D."""

from __future__ import annotations

import argparse
from pathlib import Path
import re
from typing import TYPE_CHECKING

from pose_machine_ros.commands.options import (
    add_camera, add_lifting, camera_of, lifting_config, VIDEO_SUFFIXES)
from pose_machine_ros.errors import InputError
from pose_machine_ros.processes.signals import interrupt_on_signals

if TYPE_CHECKING:
    from pose_machine_ros.io.detections import DetectionSequence
    from pose_machine_ros.keypoint_sequence import KeypointSequence

_MIN_FPS, _MAX_FPS = 0.01, 1000.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument(
        'keypoints', metavar='IN',
        help='a folder of *_keypoints.json of OpenPose (BODY_25 or COCO); a .json file of COCO '
        'keypoint results or annotations, of AlphaPose, Ultralytics, or MMPose predictions, with '
        'time 0 at the first frame in the file; or an .npz file of one person: '
        'stamps_ns (F,) whole nanoseconds, uv (F, K, 3) px and score, keypoints (K,) names, '
        'K (3, 3), and optionally distortion and distortion_model. Keypoints are in px '
        'with scores from 0 to 1; unseen ones are NaN, null, or 0, 0, 0, or have score 0')
    parser.add_argument('--out', type=Path, required=True, metavar='OUT.npz',
                        help='file to write the skeletons to')
    json = parser.add_argument_group('for JSON files, which have neither times nor a camera')
    json.add_argument('--fps', type=float, metavar='FPS',
                      help='frames per second of the video (required)')
    json.add_argument('--size', metavar='WIDTHxHEIGHT',
                      help='size of the images that the detector worked on, px (required, '
                      'unless --camera or the file contains it)')
    add_camera(json)
    add_lifting(parser)


@interrupt_on_signals()
def run(args: argparse.Namespace) -> None:
    """Lift the keypoints of all people frame by frame."""
    from tqdm import tqdm

    from pose_machine_ros.io.skeleton_file import SkeletonFile
    from pose_machine_ros.lifting.lifter import PoseLifter

    SkeletonFile.check(args.out)
    source = _read(args)
    lifter = PoseLifter(lifting_config(args), args.device)
    file = SkeletonFile()
    for stamp_ns, skeletons in tqdm(source.lift(lifter), total=len(source.people), unit='frame'):
        file.add(stamp_ns, skeletons)
    file.write(args.out)
    print(f'{args.out}: {len(file)} skeletons')


def _read(args: argparse.Namespace) -> KeypointSequence:
    from pose_machine_ros.io.detections import read_detections
    from pose_machine_ros.io.keypoint_file import KeypointFile
    from pose_machine_ros.keypoint_sequence import KeypointSequence

    path = Path(args.keypoints)
    if not path.exists():
        raise _missing_input_error(args.keypoints)
    if path.suffix.lower() in VIDEO_SUFFIXES:
        raise InputError(f'{path} is a video; use pose-machine run, which finds and lifts people, '
                         'or pose-machine keypoints, whose files can be lifted')
    if not path.is_dir() and path.suffix.lower() != '.json':
        for option in ('fps', 'size', 'camera'):
            if getattr(args, option) is not None:
                raise InputError(f'--{option} {getattr(args, option)} is for JSON; an NPZ file has '
                                 'its own stamps_ns and K')
        return KeypointSequence.of_file(KeypointFile.read(path))
    if args.fps is None:
        raise InputError(f'{path} has no times; give the frame rate of its video with --fps')
    if not _MIN_FPS <= args.fps <= _MAX_FPS:
        raise InputError(f'--fps {args.fps} is not between {_MIN_FPS:g} and {_MAX_FPS:g}')
    detections = read_detections(path)
    camera = camera_of(args, *_size(args, detections))
    return KeypointSequence.of_detections(detections, args.fps, camera)


def _missing_input_error(given: str) -> InputError:
    from pose_machine_ros.io.video import is_camera_or_stream, no_video_error

    return no_video_error(given) if is_camera_or_stream(given) else InputError(
        f'there is no file or folder {given}')


def _size(args: argparse.Namespace, detections: DetectionSequence) -> tuple[int, int]:
    """Return width and height of the images, px; 0, 0 means those of the calibration."""
    if args.size is None:
        if detections.size is None and args.camera is None:
            raise InputError(f'{args.keypoints} does not contain the size of its images; give '
                             '--size WIDTHxHEIGHT, or the calibration of the camera with --camera')
        return detections.size or (0, 0)
    match = re.fullmatch(r'(\d{1,5})[xX](\d{1,5})', args.size)
    if not match or not all(map(int, match.groups())):
        raise InputError(f'--size {args.size} is not a size; write it like 1920x1080')
    return int(match[1]), int(match[2])
