# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine train: train the 3D networks on motion capture."""

from __future__ import annotations

import argparse
from pathlib import Path

from pose_machine_ros.commands.options import add_device
from pose_machine_ros.training.config import NETWORKS, TrainingConfig


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('--data', required=True, type=Path, nargs='+', metavar='NPZ',
                        help='motion capture with the splits train and test')
    parser.add_argument('--out', type=Path, default=Path('runs/default'),
                        help='folder for checkpoints, curves and weights (default: %(default)s)')
    parser.add_argument('--minutes', type=float, default=TrainingConfig.minutes,
                        help='duration of the whole training (default: %(default)s)')
    parser.add_argument('--network', default=TrainingConfig.network, choices=NETWORKS,
                        help='the pose machine, the learned correction of a trained lifter '
                        '(update), or a baseline to compare with (default: %(default)s)')
    parser.add_argument('--unlabelled', type=Path, metavar='DIR',
                        help='folder of files from pose-machine keypoints, for training without 3D '
                        'labels')
    parser.add_argument('--start', type=Path, metavar='DIR',
                        help='folder with the initial weights lifter.safetensors and '
                        'correction.safetensors (default: random weights); for update, with the '
                        'trained lifter.safetensors (default: that of the package)')
    parser.add_argument('--keep', type=float, default=TrainingConfig.keep, metavar='SHARE',
                        help='share of the initial weights in a weighted mean with the trained '
                        'weights, which reduces forgetting (default: %(default)s)')
    parser.add_argument('--width', type=int, default=TrainingConfig.width,
                        help='units of each LSTM (default: %(default)s)')
    parser.add_argument('--seed', type=int, default=TrainingConfig.seed,
                        help='seed of weights and batches (default: %(default)s)')
    add_device(parser)


def run(args: argparse.Namespace) -> None:
    """Train all stages, resuming from the last checkpoint in the folder."""
    from pose_machine_ros.training.training import Training
    Training(TrainingConfig(
        tuple(args.data), args.out, args.minutes, args.network, args.width, args.unlabelled,
        args.start, args.keep, args.seed, args.device)).run()
