# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine run: lift the people of a video file to 3D."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from pathlib import Path

from pose_machine_ros.commands.options import (
    add_camera, add_keypoints, add_lifting, camera_of, keypoints_config, lifting_config)
from pose_machine_ros.processes.signals import interrupt_on_signals


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('video', help='video file to read')
    parser.add_argument('--out', type=Path, required=True, metavar='OUT.npz',
                        help='file to write the skeletons to')
    parser.add_argument('--render', type=Path, metavar='OUT.mp4',
                        help='video to write: each frame next to a 3D view of the skeletons')
    add_camera(parser)
    add_lifting(parser)
    add_keypoints(parser)


@interrupt_on_signals()
def run(args: argparse.Namespace) -> None:
    """Lift the people in every frame of the video."""
    from tqdm import tqdm

    from pose_machine_ros.errors import InputError
    from pose_machine_ros.io.skeleton_file import SkeletonFile
    from pose_machine_ros.io.video import VideoFile
    from pose_machine_ros.io.video_writer import output_fps, VideoWriter
    from pose_machine_ros.machine import MachineConfig, PoseMachine
    from pose_machine_ros.rendering.side_by_side import SideBySideView

    video = VideoFile(args.video)
    camera = camera_of(args, video.width, video.height)
    SkeletonFile.check(args.out)
    if args.render and args.render.exists() and args.render.samefile(video.path):
        raise InputError(f'--render {args.render} is the video itself; give another name')
    file, view = SkeletonFile(), SideBySideView(args.rotation)
    with VideoWriter(args.render, output_fps(video)) if args.render else nullcontext() as rendered:
        machine = PoseMachine(MachineConfig(
            device=args.device, keypoints=keypoints_config(args),
            lifting=lifting_config(args)))
        for stamp_ns, image in tqdm(video, total=len(video) or None, unit='frame'):
            skeletons = machine.step(image, stamp_ns, camera)
            file.add(stamp_ns, skeletons)
            if rendered is not None:
                rendered.add(view.draw(image, skeletons, camera), stamp_ns)
        file.write(args.out)
    print(f'{args.out}: {len(file)} skeletons')
