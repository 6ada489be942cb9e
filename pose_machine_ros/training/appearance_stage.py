# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Training of the network that corrects the lifter by features of the picture."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn, Tensor

from pose_machine_ros.lifting.appearance_network import AppearanceNetwork
from pose_machine_ros.training import losses
from pose_machine_ros.training.appearance_data import AppearanceBatch

BATCH = 256
_PRESENT = 0.75  # share of the frames with features
_POSE_NOISE, _PICTURE_NOISE = 0.05, 0.1  # standard deviations, so that less is learned by heart
_UNCERTAINTY = 0.02


class AppearanceLoss:
    """Loss of one batch; the features of some frames are hidden."""

    def __init__(self, network: AppearanceNetwork, seed: int) -> None:
        self._network = network
        self._generator = torch.Generator().manual_seed(seed)

    def __call__(self, batch: AppearanceBatch) -> dict[str, Tensor]:
        def noise(values: Tensor, sigma: float) -> Tensor:
            return values + sigma * torch.randn(values.shape, generator=self._generator)

        present = (torch.rand(len(batch), generator=self._generator) < _PRESENT).float()
        moved, log_sigma = self._network.predict(
            noise(batch.features, _POSE_NOISE), noise(batch.joints, 0.3 * _POSE_NOISE), batch.turn,
            noise(batch.picture.float(), _PICTURE_NOISE), present)
        wanted = batch.target - batch.joints
        error = (moved - wanted).norm(dim=-1)
        nll = 0.5 * ((moved - wanted).detach() * torch.exp(-log_sigma)).square() + log_sigma
        return {'position': losses.weighted_mean(error, batch.weights),
                'uncertainty': _UNCERTAINTY * losses.weighted_mean(nll.mean(-1), batch.weights)}


def random_batches(samples: AppearanceBatch, seed: int) -> Iterator[AppearanceBatch]:
    """Yield batches of `BATCH` frames without end; each frame once in every pass."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        for rows in torch.randperm(len(samples), generator=generator).split(BATCH):
            if len(rows) == BATCH:
                yield samples[rows]


def validator(samples: AppearanceBatch):
    """Return a function of a network: MPJPE in mm of the lifter, without and with the features."""

    @torch.no_grad()
    def validate(network: nn.Module) -> dict[str, float]:
        def error(present: float) -> float:
            moved = network.predict(
                samples.features, samples.joints, samples.turn, samples.picture.float(),
                torch.full((len(samples),), present))[0]
            return mpjpe(samples.joints + moved)

        def mpjpe(joints: Tensor) -> float:
            return 1e3 * float(losses.weighted_mean(
                (joints - samples.target).norm(dim=-1), samples.weights))

        return {'lifter_mpjpe_mm': mpjpe(samples.joints), 'absent_mpjpe_mm': error(0.0),
                'present_mpjpe_mm': error(1.0)}

    return validate
