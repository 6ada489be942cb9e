# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine render-people: render pictures of people with known 3D joints for training."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('--data', required=True, type=Path, nargs='+', metavar='NPZ',
                        help='motion capture whose postures the people take')
    parser.add_argument('--split', default='train',
                        help='clips of the motion capture to use (default: %(default)s)')
    parser.add_argument('--out', required=True, type=Path, metavar='FOLDER',
                        help='folder for the files; existing files are kept, so that an '
                        'interrupted run continues')
    parser.add_argument('--sequences', required=True, type=int, metavar='N',
                        help='number of sequences in the folder, of four pictures each')
    parser.add_argument('--seed', type=int, default=0,
                        help='seed of all random choices (default: %(default)s)')
    parser.add_argument('--backgrounds', type=Path, metavar='FOLDER',
                        help='folder of photos without people for the surroundings (default: '
                        'procedural surroundings only)')


def run(args: argparse.Namespace) -> None:
    """Render the files that are missing."""
    from pose_machine_ros.synthesis.rendered.folder import render_people
    render_people(args.data, args.split, args.out, args.sequences, args.seed, args.backgrounds)
