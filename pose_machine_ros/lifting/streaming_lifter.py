# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The recurrent lifter for one new frame of several people, with few and large operations.

It computes what RecurrentLifter does, with three recurrent states for each person (short_states.py)
and for the person's mirror image (mirroring.py). What does not depend on the state is computed once
for all states, and everything that is linear in the output is one matrix.
"""

from __future__ import annotations

import torch
from torch import nn, Tensor
from torch.nn.functional import linear

from pose_machine_ros.lifting.features import FEATURES
from pose_machine_ros.lifting.mirroring import mirror_features, mirror_joints, mirror_sigma
from pose_machine_ros.lifting.recurrent_lifter import JOINTS, LOG_SIGMA_RANGE, RecurrentLifter
from pose_machine_ros.lifting.short_states import KINDS

_COORDINATES = 3 * JOINTS
_IN, _FORGET, _NEW, _OUT = range(4)  # torch's order of the gates of an LSTM


class StreamingLifter(nn.Module):
    """Lifts the newest frame of P people."""

    def __init__(self, lifter: RecurrentLifter) -> None:
        """Use the weights of `lifter`, on its device."""
        super().__init__()
        self.width = lifter.config.width
        self._adaptation, self._head = lifter.adaptation, lifter.head
        device = lifter.forward_lstm.weight_ih_l0.device
        forward, backward = lifter.forward_lstm, lifter.backward_lstm
        # The sigmoid gates first, so that one operation computes them. The backward LSTM starts
        # without a cell in the newest frame, so it has nothing to forget.
        order, order_of_first = (_IN, _FORGET, _OUT, _NEW), (_IN, _OUT, _NEW)
        limits = torch.full((2, 2 * _COORDINATES), torch.inf)
        limits[0] = -torch.inf
        limits[:, _COORDINATES:] = torch.tensor(LOG_SIGMA_RANGE)[:, None]
        mirrored = mirror_features(torch.eye(FEATURES))
        for name, tensor in (
                ('_mirror', mirrored),
                ('_input', _gates(forward.weight_ih_l0, order)),
                ('_bias', _gates(forward.bias_ih_l0 + forward.bias_hh_l0, order)),
                ('_recurrent', _gates(forward.weight_hh_l0, order)),
                ('_backward', _gates(backward.weight_ih_l0, order_of_first)),
                ('_backward_bias', _gates(backward.bias_ih_l0 + backward.bias_hh_l0,
                                          order_of_first)),
                ('_limits', limits), ('_result', _mean_of_mirrored())):
            self.register_buffer(name, tensor.detach().to(device), persistent=False)

    def blank_state(self, people: int) -> Tensor:
        """Return the state (P, 2, KINDS, 2, width) before the first frame."""
        return self._bias.new_zeros(people, 2, KINDS, 2, self.width)

    def forward(self, features: Tensor, state: Tensor, shares: Tensor,
                keep: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Lift P people from (P, FEATURES).

        `state` (P, 2, KINDS, 2, width) holds h and c of each kind of state, of the person and of
        the mirror image. `shares` (P, KINDS) is the share of each kind in the result, and `keep`
        (P, KINDS) is 0 for a state that is reset after this frame, 1 for others. Returns joints and
        log standard deviations (P, 17, 3) in the person camera, and the new state.
        """
        people, width = len(features), self.width
        rows = torch.stack((features, features @ self._mirror), 1).view(2 * people, FEATURES)
        adapted = self._adaptation(rows)
        gates = linear(adapted, self._input, self._bias).view(people, 1, 2, 4 * width)
        hidden, cell = state.unbind(1)
        gates = gates + linear(hidden, self._recurrent)
        switches, new = gates.split((3 * width, width), -1)
        enter, forget, leave = switches.sigmoid().chunk(3, -1)
        cell = torch.addcmul(forget * cell, enter, new.tanh())
        hidden = leave * cell.tanh()
        state = torch.stack((hidden, cell), 1) * keep.view(people, 1, KINDS, 1, 1)

        encoded = hidden + adapted.view(people, 1, 2, width)
        gates = linear(encoded, self._backward, self._backward_bias)
        switches, new = gates.split((2 * width, width), -1)
        enter, leave = switches.sigmoid().chunk(2, -1)
        backward = leave * (enter * new.tanh()).tanh()
        output = self._head(torch.cat((encoded, backward), -1)).clamp(*self._limits)
        result = shares[:, None] @ output.view(people, KINDS, 4 * _COORDINATES) @ self._result
        joints, log_sigma = result.view(people, 2, JOINTS, 3).unbind(1)
        return joints, log_sigma, state


def _gates(weight: Tensor, order: tuple[int, ...]) -> Tensor:
    """Return the rows of an LSTM's weight that belong to the gates `order`, in that order."""
    return torch.cat([weight.chunk(4)[gate] for gate in order])


def _mean_of_mirrored() -> Tensor:
    """Return a matrix from the output for a person and for the mirror image to their mean.

    The joints become relative to the pelvis.
    """
    unit = torch.eye(_COORDINATES).view(_COORDINATES, JOINTS, 3)
    joints = unit - unit[:, :1]
    mean = torch.zeros(2, 2, _COORDINATES, 2, _COORDINATES)  # image, kind of output; kind of result
    for image, (turn_joints, turn_sigma) in enumerate(
            ((lambda x: x, lambda x: x), (mirror_joints, mirror_sigma))):
        mean[image, 0, :, 0] = turn_joints(joints).flatten(1) / 2
        mean[image, 1, :, 1] = turn_sigma(unit).flatten(1) / 2
    return mean.view(4 * _COORDINATES, 2 * _COORDINATES)
