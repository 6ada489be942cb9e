# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine keypoints: track the 2D keypoints of people in videos, to train with or to lift."""

from __future__ import annotations

import argparse
from pathlib import Path

from pose_machine_ros.commands.options import (
    add_camera, add_device, add_rotation, camera_of, VIDEO_SUFFIXES)
from pose_machine_ros.processes.signals import interrupt_on_signals


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('videos', nargs='+', metavar='VIDEO',
                        help='video files, or folders of them')
    parser.add_argument('--out', type=Path, required=True, metavar='DIR',
                        help='folder for the files, one <video>_<person>.npz per person')
    parser.add_argument('--seconds', type=float, default=1.0,
                        help='shortest time that a person has to be seen (default: %(default)s)')
    add_device(parser)
    add_camera(parser)
    add_rotation(parser)


@interrupt_on_signals()
def run(args: argparse.Namespace) -> None:
    """Track all people in every video and write one keypoint file per person."""
    import numpy as np
    from tqdm import tqdm

    from pose_machine_ros.devices import pick_device
    from pose_machine_ros.errors import InputError
    from pose_machine_ros.io.keypoint_file import KeypointFile
    from pose_machine_ros.io.output_files import create_output_folder
    from pose_machine_ros.io.video import VideoFile
    from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
    from pose_machine_ros.keypoints2d.network import PoseNetwork2D
    from pose_machine_ros.tracking.tracker import PeopleTracker

    paths = [p for given in args.videos for p in (
        sorted(q for q in Path(given).rglob('*') if q.suffix.lower() in VIDEO_SUFFIXES)
        if Path(given).is_dir() else [given])]
    if not paths:
        raise InputError(f'no video ({", ".join(VIDEO_SUFFIXES)}) in {", ".join(args.videos)}')
    videos = [VideoFile(path) for path in paths]
    create_output_folder(args.out)
    network = PoseNetwork2D(Keypoints2DConfig(), pick_device(args.device))
    for video in videos:
        path, tracker = video.path, PeopleTracker(network)
        tracker.rotation = args.rotation
        camera = camera_of(args, video.width, video.height)
        seen: dict[str, list] = {}
        for stamp_ns, image in tqdm(video, path.name, len(video) or None, unit='frame'):
            for person in tracker.update(image, stamp_ns):
                if person.state.is_seen:
                    seen.setdefault(person.id, []).append((stamp_ns, person.keypoints))
        for person_id, rows in seen.items():
            stamps = np.array([stamp for stamp, _ in rows], np.int64)
            if (stamps[-1] - stamps[0]) * 1e-9 < args.seconds:
                continue
            out = args.out / f'{path.stem}_{person_id}.npz'
            KeypointFile(stamps, np.stack([k for _, k in rows]), camera).write(out)
            print(f'{out}: {len(rows)} frames')
