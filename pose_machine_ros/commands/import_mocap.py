# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine import-mocap: convert motion capture (BVH, AMC, UI-PRMD) to a training file."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('folder', type=Path,
                        help='folder with .bvh files, .amc files with their .asf files as at '
                        'mocap.cs.cmu.edu, or the Vicon position files of UI-PRMD; the subject is '
                        'the name of a file up to _, or s01 to s10 in UI-PRMD')
    parser.add_argument('--out', type=Path, required=True, metavar='OUT.npz',
                        help='file to write')
    parser.add_argument('--test-subjects', nargs='*', default=[], metavar='SUBJECT',
                        help='subjects of the split test, which training does not use')
    parser.add_argument('--scale', type=float, metavar='M',
                        help='length unit of the files in metres (default: estimated from the '
                        'length of the legs)')
    parser.add_argument('--amc-fps', type=float, default=120.0,
                        help='rate of .amc files, which do not contain it (default: %(default)s)')


def run(args: argparse.Namespace) -> None:
    """Convert all files of the folder and write one NPZ."""
    from pose_machine_ros.io.mocap.archive import import_folder
    counts = import_folder(args.folder, args.out, args.test_subjects, args.scale, args.amc_fps)
    print(f'{args.out}: {counts["clips"]} clips, {counts["frames"]} frames at 30 Hz; '
          f'{counts["left_out"]} recordings left out')
