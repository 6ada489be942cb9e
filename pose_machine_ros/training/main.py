# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""`pose-machine train`: motion capture in, weights out, in stages that can be resumed."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import nn
from safetensors.torch import save_file

from pose_machine_ros.correction.learned import LearnedCorrection
from pose_machine_ros.devices import pick_device
from pose_machine_ros.lifting.transformer import LifterConfig, PoseTransformer
from pose_machine_ros.training import correction_stage, transformer_stage
from pose_machine_ros.training.correction_stage import CorrectionLoss
from pose_machine_ros.training.mocap import MotionCapture
from pose_machine_ros.training.run import TrainingRun
from pose_machine_ros.training.synthesis import ClipSynthesizer
from pose_machine_ros.training.transformer_stage import TransformerLoss

_BATCH, _FRAMES = 64, 48
_TRANSFORMER_SHARE = 0.9  # of the time
_LEARNING_RATE = 1e-3
_VALIDATION_BATCHES = 16
_TEST_SEED = 1


def train(data: Path, out: Path, minutes: float, width: int, seed: int, device: str) -> None:
    """Train all stages; a run that was broken off goes on where its last checkpoint is.

    Writes checkpoints, curves and weights into `out`, and prints a line of JSON per stage.
    """
    device = pick_device(device)
    torch.manual_seed(seed)
    train_clips, test_clips = (MotionCapture.load(data, split) for split in ('train', 'test'))

    def batches(data: MotionCapture, seed: int) -> ClipSynthesizer:
        return ClipSynthesizer(data, _BATCH, _FRAMES, seed, device)

    transformer = PoseTransformer(LifterConfig(width=width)).to(device)
    stage = TrainingRun('transformer', transformer, out, _TRANSFORMER_SHARE * minutes,
                        _LEARNING_RATE)
    stage.resume()
    # After a resumption the batches go on with other draws, not with those already seen.
    figures = stage.train(
        batches(train_clips, seed + stage.step), TransformerLoss(transformer, seed),
        transformer_stage.validator(batches(test_clips, _TEST_SEED), _VALIDATION_BATCHES))
    save_weights(transformer, out / 'lifter.safetensors')
    print(json.dumps({'stage': 'transformer', 'steps': stage.step, **figures}))

    correction = LearnedCorrection().to(device)
    stage = TrainingRun('correction', correction, out,
                        (1 - _TRANSFORMER_SHARE) * minutes, _LEARNING_RATE)
    stage.resume()
    figures = stage.train(
        batches(train_clips, seed + 1 + stage.step),
        CorrectionLoss(transformer, correction, seed),
        correction_stage.validator(
            transformer, batches(test_clips, _TEST_SEED), _VALIDATION_BATCHES))
    save_weights(correction, out / 'correction.safetensors')
    print(json.dumps({'stage': 'correction', 'steps': stage.step, **figures}))


def save_weights(network: nn.Module, path: Path) -> None:
    """Write a network's weights as float16 safetensors."""
    save_file({name: value.detach().cpu().half().contiguous()
               for name, value in network.state_dict().items()}, path)
