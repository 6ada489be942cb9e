# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine import-mocap: make motion capture (BVH, AMC, UI-PRMD) into a file to train on."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('folder', type=Path,
                        help='folder with .bvh files, or with .amc files beside their .asf, as '
                        'mocap.cs.cmu.edu gives them, the name up to _ being the subject; or '
                        'with the Vicon position files of UI-PRMD, subjects s01 to s10')
    parser.add_argument('--out', type=Path, required=True, metavar='OUT.npz')
    parser.add_argument('--test-subjects', nargs='*', default=[], metavar='SUBJECT',
                        help='subjects to keep from training')
    parser.add_argument('--scale', type=float, metavar='M',
                        help="metres of the files' unit of length; told from the legs by default")
    parser.add_argument('--amc-fps', type=float, default=120.0,
                        help='rate of .amc files, which do not say it (default: %(default)s)')


def run(args: argparse.Namespace) -> None:
    """Read every file and write one NPZ."""
    from pose_machine_ros.io.mocap.archive import import_folder
    counts = import_folder(args.folder, args.out, args.test_subjects, args.scale, args.amc_fps)
    print(f'{args.out}: {counts["clips"]} clips, {counts["frames"]} frames at 30 Hz; '
          f'{counts["left_out"]} recordings left out')
