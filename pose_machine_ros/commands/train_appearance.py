# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""`pose-machine train-appearance`: train the use of the picture's features on rendered people."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('--samples', required=True, type=Path, metavar='DIR',
                        help='folder of files from pose-machine sample-people')
    parser.add_argument('--out', type=Path, default=Path('runs/appearance'),
                        help='folder for checkpoint, curves and weights (default: %(default)s)')
    parser.add_argument('--minutes', type=float, default=5.0,
                        help='duration of the training (default: %(default)s)')
    parser.add_argument('--lifter', type=Path, metavar='FILE',
                        help='weights of the lifter, lifter.safetensors '
                        '(default: those of the package)')
    parser.add_argument('--seed', type=int, default=0,
                        help='seed of weights and batches (default: %(default)s)')


def run(args: argparse.Namespace) -> None:
    """Train, resuming from the last checkpoint in the folder."""
    from pose_machine_ros.training.appearance_training import train_appearance
    train_appearance(args.samples, args.out, args.minutes, args.lifter, args.seed)
