# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The recurrent lifter for one new frame of several people, with few and large operations.

It computes what RecurrentLifter does, with three recurrent states for each person (short_states.py)
and for the person's mirror image (mirroring.py). What does not depend on the state is computed once
for all states, and everything that is linear in the output is one matrix.

A frame reads every weight once, so reading takes most of the time. Where the processor multiplies
bfloat16, the weights are stored in it: half the bytes. Sums, states and activations stay float32.
"""

from __future__ import annotations

import copy

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

    def __init__(self, lifter: RecurrentLifter, dtype: torch.dtype | None = None) -> None:
        """Use the weights of `lifter`, on its device, in `dtype` (None: `weight_dtype`)."""
        super().__init__()
        self.width = lifter.config.width
        device = lifter.forward_lstm.weight_ih_l0.device
        dtype = weight_dtype(device) if dtype is None else dtype
        self._adaptation, self._head = (
            _with_linear_layers(layers, dtype) for layers in (lifter.adaptation, lifter.head))
        forward, backward = lifter.forward_lstm, lifter.backward_lstm
        # The sigmoid gates first, so that one operation computes them. The backward LSTM starts
        # without a cell in the newest frame, so it has nothing to forget.
        order, order_of_first = (_IN, _FORGET, _OUT, _NEW), (_IN, _OUT, _NEW)
        limits = torch.full((2, 2 * _COORDINATES), torch.inf)
        limits[0] = -torch.inf
        limits[:, _COORDINATES:] = torch.tensor(LOG_SIGMA_RANGE)[:, None]
        self._input = Linear(
            _gates(forward.weight_ih_l0, order),
            _gates(forward.bias_ih_l0 + forward.bias_hh_l0, order), dtype)
        self._recurrent = Linear(_gates(forward.weight_hh_l0, order), None, dtype)
        self._backward = Linear(
            _gates(backward.weight_ih_l0, order_of_first),
            _gates(backward.bias_ih_l0 + backward.bias_hh_l0, order_of_first), dtype)
        for name, tensor in (('_mirror', mirror_features(torch.eye(FEATURES))),
                             ('_limits', limits), ('_result', _mean_of_mirrored())):
            self.register_buffer(name, tensor.to(device), persistent=False)

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
        gates = self._input(adapted).view(people, 1, 2, 4 * width)
        hidden, cell = state.unbind(1)
        # As a matrix: torch multiplies more dimensions with strides several times slower.
        recurrent = self._recurrent(hidden.reshape(-1, width))
        gates = gates + recurrent.view(people, KINDS, 2, 4 * width)
        switches, new = gates.split((3 * width, width), -1)
        enter, forget, leave = switches.sigmoid().chunk(3, -1)
        cell = torch.addcmul(forget * cell, enter, new.tanh())
        hidden = leave * cell.tanh()
        state = torch.stack((hidden, cell), 1) * keep.view(people, 1, KINDS, 1, 1)

        encoded = (hidden + adapted.view(people, 1, 2, width)).view(-1, width)
        gates = self._backward(encoded)
        switches, new = gates.split((2 * width, width), -1)
        enter, leave = switches.sigmoid().chunk(2, -1)
        backward = leave * (enter * new.tanh()).tanh()
        output = self._head(torch.cat((encoded, backward), -1)).clamp(*self._limits)
        result = shares[:, None] @ output.view(people, KINDS, 4 * _COORDINATES) @ self._result
        joints, log_sigma = result.view(people, 2, JOINTS, 3).unbind(1)
        return joints, log_sigma, state


class Linear(nn.Module):
    """A linear layer of float32 input and output, with its weights in another type."""

    def __init__(self, weight: Tensor, bias: Tensor | None, dtype: torch.dtype) -> None:
        super().__init__()
        self.register_buffer('weight', weight.detach().to(dtype), persistent=False)
        self.register_buffer('bias', None if bias is None else bias.detach(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        if self.weight.dtype == x.dtype:
            return linear(x, self.weight, self.bias)
        product = linear(x.to(self.weight.dtype), self.weight)
        # The type of a sum with float32 is float32.
        return product.float() if self.bias is None else self.bias + product


def weight_dtype(device: torch.device) -> torch.dtype:
    """Return the type of weights with which `device` multiplies fastest at no loss of accuracy.

    A GPU reads the weights in microseconds, less than the conversions to bfloat16 would take.
    """
    is_supported = getattr(torch.cpu, '_is_avx512_bf16_supported', lambda: False)
    return torch.bfloat16 if device.type == 'cpu' and is_supported() else torch.float32


def _with_linear_layers(layers: nn.Module, dtype: torch.dtype) -> nn.Module:
    """Return a copy of `layers` in which every linear layer has weights of `dtype`."""
    copied = copy.deepcopy(layers)
    for module in list(copied.modules()):
        for name, layer in module.named_children():
            if isinstance(layer, nn.Linear):
                setattr(module, name, Linear(layer.weight, layer.bias, dtype))
    return copied


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
