# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings of a training; importing them is cheap."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pose_machine_ros.errors import InputError

# The pose machine, the learned correction alone, and the names of BASELINES.
NETWORKS = ('machine', 'update', 'mlp', 'tcn', 'lstm')


@dataclass(frozen=True)
class TrainingConfig:
    """The settings of a training."""

    data: tuple[Path, ...]  # motion capture with the splits train and test
    out: Path  # folder for checkpoints, curves and weights
    minutes: float = 120.0  # of all stages together
    network: str = 'machine'  # one of NETWORKS
    width: int = 512  # units of each LSTM
    unlabelled: Path | None = None  # folder of keypoint files without 3D
    start: Path | None = None  # folder with initial weights, of `update` with the lifter's
    keep: float = 0.0  # share of the initial weights in the lifter's weights after stage 1
    seed: int = 0
    device: str = 'auto'

    def __post_init__(self) -> None:
        if self.network not in NETWORKS:
            raise InputError(f'network = {self.network!r} is unknown; choose one of '
                             + ', '.join(NETWORKS))
        if not 0 <= self.keep < 1:
            raise InputError(f'keep = {self.keep} is not in [0, 1)')
        if self.network != 'machine' and (self.unlabelled is not None or self.keep):
            raise InputError(f'network = {self.network!r} is trained without unlabelled video and '
                             'without keep; leave both out')
        if self.keep and self.start is None:
            raise InputError(f'keep = {self.keep} needs initial weights: set start')
