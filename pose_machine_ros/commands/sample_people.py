# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine sample-people: run the 2D network on rendered people, to train the lifter with."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('shards', type=Path, nargs='+', metavar='SHARD',
                        help='files from pose-machine render-people, or folders of them')
    parser.add_argument('--out', type=Path, required=True, metavar='DIR',
                        help='folder for the samples, one file per shard; shards whose file is '
                        'there are left out')


def run(args: argparse.Namespace) -> None:
    """Write the samples of every shard that has none yet."""
    import cv2
    import torch
    from tqdm import tqdm

    from pose_machine_ros.errors import InputError
    from pose_machine_ros.io.output_files import create_output_folder
    from pose_machine_ros.training.appearance_samples import AppearanceSampler

    create_output_folder(args.out)
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    # A name with a dot in front is a shard that is not written completely yet.
    shards = [path for given in args.shards
              for path in (sorted(given.glob('[!.]*.npz')) if given.is_dir() else [given])]
    names = [path.name for path in shards]
    if twice := {name for name in names if names.count(name) > 1}:
        raise InputError(f'several shards are called {min(twice)}; write those of each folder '
                         'to an --out of its own')
    left = [shard for shard in shards if not (args.out / shard.name).exists()]
    sampler = AppearanceSampler()
    for shard in tqdm(left, unit='shard'):
        sampler.sample_shard(shard, args.out / shard.name)
    print(f'{args.out}: samples of {len(left)} shards written, '
          f'{len(shards) - len(left)} were there')
