# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine lift: lift 2D keypoints from a detector of your own to 3D"""

from __future__ import annotations

import argparse
from pathlib import Path

from pose_machine_ros.commands.options import add_lifting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('keypoints', type=Path, metavar='IN.npz',
                        help='stamps_ns (F,), uv (F, K, 3) px and score, keypoints (K,) names, '
                        'K (3, 3), distortion (optional)')
    parser.add_argument('--out', type=Path, required=True, metavar='OUT.npz',
                        help='file to write the skeletons to')
    add_lifting(parser)


def run(args: argparse.Namespace) -> None:
    """Lift one person's keypoints frame by frame."""
    import numpy as np
    from tqdm import tqdm

    from pose_machine_ros.lifter import LiftingConfig, PoseLifter
    from pose_machine_ros.pose import Person2D, TrackingState
    from pose_machine_ros.pose_files import KeypointFile, SkeletonFile
    from pose_machine_ros.tracking.extents import extent

    source = KeypointFile.read(args.keypoints)
    lifter = PoseLifter(LiftingConfig(
        correction=args.correction, person_height=args.person_height), args.device)
    file = SkeletonFile()
    frames = zip(source.stamps_ns.tolist(), source.keypoints)
    for stamp_ns, keypoints in tqdm(frames, total=len(source.keypoints), unit='frame'):
        if not np.isfinite(keypoints[:, :2]).any():
            file.add(stamp_ns, [])
            continue
        person = Person2D('p1', TrackingState.TRACKED, keypoints, extent(keypoints))
        file.add(stamp_ns, lifter.step([person], stamp_ns, source.camera))
    file.write(args.out)
    print(f'{args.out}: {len(file)} skeletons')
