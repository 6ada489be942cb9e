# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""`pose-machine train`: motion capture in, weights out, in stages that can be resumed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from torch import nn
from safetensors.torch import save_file

from pose_machine_ros.lifting.transformer import LifterConfig, PoseTransformer
from pose_machine_ros.training.mocap import MotionCapture
from pose_machine_ros.training.run import TrainingRun
from pose_machine_ros.training.synthesis import ClipSynthesizer
from pose_machine_ros.training.transformer_stage import TransformerLoss, validator

_BATCH, _FRAMES = 64, 48
_VALIDATION_BATCHES = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument('--data', required=True, type=Path, metavar='NPZ',
                        help='motion capture with the splits train and test')
    parser.add_argument('--out', type=Path, default=Path('runs/default'),
                        help='folder for checkpoints, curves and weights (default: %(default)s)')
    parser.add_argument('--minutes', type=float, default=60.0,
                        help='length of the whole training (default: %(default)s)')
    parser.add_argument('--width', type=int, default=LifterConfig.width,
                        help='units of each LSTM (default: %(default)s)')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')


def run(args: argparse.Namespace) -> None:
    """Train all stages; a run that was broken off goes on where its last checkpoint is."""
    torch.manual_seed(args.seed)
    train = MotionCapture.load(args.data, 'train')
    test = MotionCapture.load(args.data, 'test')

    network = PoseTransformer(LifterConfig(width=args.width)).to(args.device)
    stage = TrainingRun('transformer', network, args.out, 0.8 * args.minutes, 1e-3)
    stage.resume()
    # After a resumption the batches go on with other draws, not with those already seen.
    batches = ClipSynthesizer(train, _BATCH, _FRAMES, args.seed + stage.step, args.device)
    validate = validator(
        ClipSynthesizer(test, _BATCH, _FRAMES, seed=1, device=args.device), _VALIDATION_BATCHES)
    figures = stage.train(batches, TransformerLoss(network, args.seed), validate)
    save_weights(network, args.out / 'lifter.safetensors')
    print(json.dumps({'stage': 'transformer', 'steps': stage.step, **figures}))


def save_weights(network: nn.Module, path: Path) -> None:
    """Write a network's weights as float16 safetensors."""
    save_file({name: value.detach().cpu().half().contiguous()
               for name, value in network.state_dict().items()}, path)
