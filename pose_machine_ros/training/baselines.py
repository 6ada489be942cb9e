# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Baselines for the lifter: common networks for 2D-to-3D lifting, after two papers.

Their inputs and outputs are those of the lifter, so that they share its losses and its evaluation.
"""

from __future__ import annotations

import torch
from torch import nn, Tensor

from pose_machine_ros.errors import InputError
from pose_machine_ros.lifting.features import FEATURES
from pose_machine_ros.lifting.recurrent_lifter import JOINTS, LOG_SIGMA_RANGE, RecurrentLifter


class FrameMlp(nn.Module):
    """A residual MLP on single frames, similar to that of Martinez et al., ICCV 2017."""

    def __init__(self, width: int = 1024, blocks: int = 2, dropout: float = 0.1) -> None:
        super().__init__()
        self.widen = nn.Linear(FEATURES, width)
        self.blocks = nn.ModuleList(nn.Sequential(
            *(layer for _ in range(2) for layer in (
                nn.Linear(width, width), nn.LayerNorm(width), nn.ReLU(), nn.Dropout(dropout))))
            for _ in range(blocks))
        self.head = nn.Linear(width, 6 * JOINTS)

    def forward(self, features: Tensor, lag: int = 0, stride: int = 1) -> tuple[Tensor, Tensor]:
        """Lift clips (P, T, FEATURES) frame by frame; see RecurrentLifter.forward."""
        _check_lag(lag)
        x = self.widen(features[:, ::stride]).relu()
        for block in self.blocks:
            x = x + block(x)
        return _output(self.head(x))


class CausalTcn(nn.Module):
    """Dilated convolutions over the newest 27 frames, similar to Pavllo et al., CVPR 2019."""

    def __init__(self, width: int = 512, dilations: tuple[int, ...] = (1, 3, 9),
                 dropout: float = 0.1) -> None:
        super().__init__()
        self.widen = nn.Linear(FEATURES, width)
        self.dilations = dilations
        self.wide = nn.ModuleList(nn.Conv1d(width, width, 3, dilation=d) for d in dilations)
        self.narrow = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in dilations)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in dilations)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, 6 * JOINTS)

    def forward(self, features: Tensor, lag: int = 0, stride: int = 1) -> tuple[Tensor, Tensor]:
        """Lift clips (P, T, FEATURES), each frame from it and earlier ones.

        The clip is padded with copies of its first frame; see RecurrentLifter.forward.
        """
        _check_lag(lag)
        x = self.widen(features).relu()
        for dilation, wide, narrow, norm in zip(self.dilations, self.wide, self.narrow, self.norms):
            earlier = x[:, :1].expand(-1, 2 * dilation, -1)
            y = wide(torch.cat((earlier, x), 1).mT).relu()
            x = x + self.dropout(norm(narrow(y).relu().mT))
        return _output(self.head(x[:, ::stride]))


def untrained_lifter() -> RecurrentLifter:
    """Return the lifter itself with random weights, to be trained for as long as the others."""
    return RecurrentLifter()


# By the names in `training.config.NETWORKS`
BASELINES = {'mlp': FrameMlp, 'tcn': CausalTcn, 'lstm': untrained_lifter}


def _output(head: Tensor) -> tuple[Tensor, Tensor]:
    joints, log_sigma = head.unflatten(-1, (2, JOINTS, 3)).unbind(-3)
    return joints - joints[..., :1, :], log_sigma.clamp(*LOG_SIGMA_RANGE)


def _check_lag(lag: int) -> None:
    if lag:
        raise InputError(f'lag = {lag} must be 0 for a network that sees no later frames')
