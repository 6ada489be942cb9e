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

from pose_machine_ros.correction.learned import LearnedCorrection
from pose_machine_ros.lifting.transformer import LifterConfig, PoseTransformer
from pose_machine_ros.training import correction_stage, transformer_stage
from pose_machine_ros.training.correction_stage import CorrectionLoss
from pose_machine_ros.training.mocap import MotionCapture
from pose_machine_ros.training.run import TrainingRun
from pose_machine_ros.training.synthesis import ClipSynthesizer
from pose_machine_ros.training.transformer_stage import TransformerLoss

_BATCH, _FRAMES = 64, 48
_TRANSFORMER_SHARE = 0.8  # of the time
_LEARNING_RATE = 1e-3
_VALIDATION_BATCHES = 16
_TEST_SEED = 1


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

    def batches(data: MotionCapture, seed: int) -> ClipSynthesizer:
        return ClipSynthesizer(data, _BATCH, _FRAMES, seed, args.device)

    transformer = PoseTransformer(LifterConfig(width=args.width)).to(args.device)
    stage = TrainingRun('transformer', transformer, args.out, _TRANSFORMER_SHARE * args.minutes,
                        _LEARNING_RATE)
    stage.resume()
    # After a resumption the batches go on with other draws, not with those already seen.
    figures = stage.train(
        batches(train, args.seed + stage.step), TransformerLoss(transformer, args.seed),
        transformer_stage.validator(batches(test, _TEST_SEED), _VALIDATION_BATCHES))
    save_weights(transformer, args.out / 'lifter.safetensors')
    print(json.dumps({'stage': 'transformer', 'steps': stage.step, **figures}))

    correction = LearnedCorrection().to(args.device)
    stage = TrainingRun('correction', correction, args.out,
                        (1 - _TRANSFORMER_SHARE) * args.minutes, _LEARNING_RATE)
    stage.resume()
    figures = stage.train(
        batches(train, args.seed + 1 + stage.step),
        CorrectionLoss(transformer, correction, args.seed),
        correction_stage.validator(transformer, batches(test, _TEST_SEED), _VALIDATION_BATCHES))
    save_weights(correction, args.out / 'correction.safetensors')
    print(json.dumps({'stage': 'correction', 'steps': stage.step, **figures}))


def save_weights(network: nn.Module, path: Path) -> None:
    """Write a network's weights as float16 safetensors."""
    save_file({name: value.detach().cpu().half().contiguous()
               for name, value in network.state_dict().items()}, path)
