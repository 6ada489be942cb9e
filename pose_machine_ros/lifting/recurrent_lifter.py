# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The recurrent lifter: keypoints over time in, 3D pose with its uncertainty out.

After the "2D-to-3D pose transformer" of Wang et al., TPAMI 2020 (arXiv 1901.03798), which is a
recurrent network and not an attention transformer: adaptation layers, an LSTM forward in time, and
a second LSTM over the reversed output of the first. Here the state of the first one is kept from
frame to frame, and the second one runs over the newest `lag` + 1 frames only, so that a new frame
costs one step.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn, Tensor

from pose_machine_ros.errors import InputError
from pose_machine_ros.lifting.features import FEATURES
from pose_machine_ros.skeleton import HUMAN36M_17

JOINTS = len(HUMAN36M_17)
NOMINAL_STATURE = 1.70  # metres; the output is for a person of this height
LOG_SIGMA_RANGE = (-6.0, 1.0)  # 2.5 mm to 2.7 m

LstmState = tuple[Tensor, Tensor]  # LSTM state (h, c), each (1, P, width)


@dataclass(frozen=True)
class RecurrentLifterConfig:
    """Sizes of the layers of a RecurrentLifter."""

    width: int = 512  # units of each LSTM and of the adaptation layers
    blocks: int = 1  # residual blocks of the adaptation
    dropout: float = 0.1  # in training

    def __post_init__(self) -> None:
        if self.width < 1 or self.blocks < 0 or not 0 <= self.dropout < 1:
            raise InputError(f'{self} is not usable: width >= 1, blocks >= 0, 0 <= dropout < 1')

    @classmethod
    def of(cls, weights: dict[str, Tensor]) -> RecurrentLifterConfig:
        """Return the sizes that a state dict was made with."""
        blocks = {name.split('.')[1] for name in weights if name.startswith('adaptation.')
                  and '.layers.' in name}
        return cls(width=weights['adaptation.0.weight'].shape[0], blocks=len(blocks))


class ResidualBlock(nn.Module):
    """Two linear layers with a skip connection, (*, width) to (*, width)."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Dropout(dropout),
            nn.Linear(width, width), nn.Dropout(dropout))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class RecurrentLifter(nn.Module):
    """LSTMs that lift features of people over time to 3D joints in the person camera.

    The paper calls it the 2D-to-3D pose transformer; it is an LSTM, not an attention transformer.
    """

    def __init__(self, config: RecurrentLifterConfig = RecurrentLifterConfig()) -> None:
        super().__init__()
        width = config.width
        self.config = config
        self.adaptation = nn.Sequential(
            nn.Linear(FEATURES, width), nn.GELU(),
            *(ResidualBlock(width, config.dropout) for _ in range(config.blocks)))
        self.forward_lstm = nn.LSTM(width, width, batch_first=True)
        self.backward_lstm = nn.LSTM(width, width, batch_first=True)
        self.head = nn.Sequential(
            nn.LayerNorm(2 * width), nn.Linear(2 * width, width), nn.GELU(),
            nn.Linear(width, 6 * JOINTS))

    def encode(self, features: Tensor, state: LstmState | None = None) -> tuple[Tensor, LstmState]:
        """Run the forward LSTM over (P, T, FEATURES); return (P, T, width) and the new state."""
        adapted = self.adaptation(features)
        hidden, state = run_lstm(self.forward_lstm, adapted, state)
        return hidden + adapted, state

    def decode(self, encoded: Tensor) -> tuple[Tensor, Tensor]:
        """Predict the oldest frame of each window (P, L + 1, width).

        Returns joints relative to the pelvis (P, 17, 3), metres for a person of NOMINAL_STATURE,
        and the log of the standard deviation of each coordinate (P, 17, 3), both in the person
        camera.
        """
        backward, _ = run_lstm(self.backward_lstm, encoded.flip(1))
        output = self.head(torch.cat((encoded[:, 0], backward[:, -1]), -1))
        joints, log_sigma = output.unflatten(-1, (2, JOINTS, 3)).unbind(-3)
        joints = joints - joints[:, :1]
        return joints, log_sigma.clamp(*LOG_SIGMA_RANGE)

    def forward(self, features: Tensor, lag: int = 0,
                stride: int = 1) -> tuple[Tensor, Tensor]:
        """Lift whole clips (P, T, FEATURES), for training and evaluation.

        Each result depends on all earlier frames of its clip and on `lag` later ones. Returns
        joints and log standard deviations (P, N, 17, 3) for frames 0, stride, 2 stride ...
        T - 1 - lag.
        """
        encoded, _ = self.encode(features)
        windows = encoded.unfold(1, lag + 1, stride)  # (P, N, width, L + 1)
        people, frames = windows.shape[:2]
        joints, log_sigma = self.decode(windows.flatten(0, 1).mT)
        return (joints.unflatten(0, (people, frames)), log_sigma.unflatten(0, (people, frames)))


def run_lstm(lstm: nn.LSTM, x: Tensor, state: LstmState | None = None) -> tuple[Tensor, LstmState]:
    """Run a one-layer LSTM over (P, T, width), with the same result as calling it.

    A single step is written out, because torch's implementation repacks all weights at every call
    on a CPU, which takes longer than the step itself.
    """
    if x.shape[1] != 1:
        return lstm(x, state)
    bias = lstm.bias_ih_l0 + lstm.bias_hh_l0
    gates = nn.functional.linear(x[:, 0], lstm.weight_ih_l0, bias)
    cell = torch.zeros_like(x[:, 0])
    if state is not None:
        hidden, cell = state[0][0], state[1][0]
        gates = gates + nn.functional.linear(hidden, lstm.weight_hh_l0)
    enter, forget, new, leave = gates.chunk(4, -1)
    cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
    hidden = leave.sigmoid() * cell.tanh()
    return hidden[:, None], (hidden[None], cell[None])
