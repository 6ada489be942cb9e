# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Stage 1: the 2D-to-3D lifter, supervised by motion capture."""

from __future__ import annotations

import random

import torch
from torch import nn, Tensor

from pose_machine_ros.synthesis.clips import Batch, ClipSynthesizer
from pose_machine_ros.training import losses

_LAGS = (0, 0, 0, 0, 3, 9)  # later frames that the network sees; the node uses none
_BONES, _MOTION, _UNCERTAINTY = 0.5, 0.5, 0.02


class LifterLoss:
    """Loss of one batch, with a random lag of `lags` for each batch."""

    def __init__(self, network: nn.Module, seed: int, lags: tuple[int, ...] = _LAGS) -> None:
        self._network, self._lags = network, lags
        self._random = random.Random(seed)

    def __call__(self, batch: Batch) -> dict[str, Tensor]:
        lag = self._random.choice(self._lags)
        stride = lag + 1  # about the same time for every lag
        # This halves the time on hardware with bfloat16; the losses are computed in float32.
        with torch.autocast(batch.joints.device.type, torch.bfloat16):
            joints, log_sigma = self._network(batch.view.features, lag, stride)
        joints, log_sigma = joints.float(), log_sigma.float()
        frames = slice(0, batch.joints.shape[1] - lag, stride)
        target, weights = batch.joints[:, frames], batch.weights[:, frames]
        terms = {
            'position': losses.position_loss(joints, target, weights),
            'bones': _BONES * losses.bone_loss(joints, target, weights),
            'uncertainty': _UNCERTAINTY * losses.uncertainty_loss(joints, log_sigma, target,
                                                                  weights)}
        if stride == 1:
            terms['motion'] = _MOTION * losses.motion_loss(joints, target, weights)
        return terms


def validator(batches: ClipSynthesizer, count: int):
    """Return a function of a network: its MPJPE in mm on `count` fixed batches."""
    fixed = [next(batches) for _ in range(count)]

    @torch.no_grad()
    def validate(network: nn.Module) -> dict[str, float]:
        error = [losses.position_loss(network(b.view.features)[0], b.joints, b.weights)
                 for b in fixed]
        return {'mpjpe_mm': 1e3 * float(torch.stack(error).mean())}

    return validate
