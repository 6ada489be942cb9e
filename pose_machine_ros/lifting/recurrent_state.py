# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Recurrent states of one person: a long one and two short ones.

An error in the recurrent state stays there until the keypoints contradict it. So in addition to
the long state, which is kept from the first frame on, there are two short states that are reset in
turn. The result is the mean of the results of the long state and of the older short one. Each state
exists for the person and for the mirror image (mirroring.py), so a person has ROWS rows in a batch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.lifting.mirroring import average_mirrored, with_mirrored
from pose_machine_ros.lifting.recurrent_lifter import LstmState, RecurrentLifter

_KINDS = 3  # long, and two short ones
ROWS = 2 * _KINDS
_FRAMES = 8  # a short state is used from this age on, until it is twice as old


class RecurrentState:
    """The recurrent states of one person."""

    def __init__(self) -> None:
        self._state: LstmState | None = None
        self._ages = [0] * (_KINDS - 1)  # frames since the reset of each short state
        self._older = 0  # which of them is used

    def state(self, like: Tensor, width: int) -> LstmState:
        """Return h and c, (1, ROWS, width) each; zero before the first frame."""
        if self._state is None:
            blank = like.new_zeros(1, ROWS, width)
            return blank, blank
        return self._state

    def keep(self, state: LstmState) -> None:
        """Keep the state after a frame, and reset the older short state if the other is old enough.

        `used_rows` is then for that frame.
        """
        self._ages = [age + 1 for age in self._ages]
        self._older = max(range(len(self._ages)), key=self._ages.__getitem__)
        if self._ages[1 - self._older] % _FRAMES == 0:
            self._ages[self._older] = 0
            state = tuple(part.clone() for part in state)
            for part in state:
                part[:, self._rows_of(self._older)] = 0
        self._state = state

    @property
    def used_rows(self) -> list[int]:
        """Return the four of the person's rows whose mean is the result."""
        return [0, 1, *self._rows_of(self._older)]

    @staticmethod
    def _rows_of(short: int) -> list[int]:
        return [2 * short + 2, 2 * short + 3]


def lift_newest(lifter: RecurrentLifter, features: Tensor,
                recurrent_states: list[RecurrentState]) -> tuple[Tensor, Tensor]:
    """Predict the newest frame of P people from (P, FEATURES), and update their states.

    Returns joints and log standard deviations (P, 17, 3) in the person camera.
    """
    people, width = len(recurrent_states), lifter.config.width
    rows = with_mirrored(features).unflatten(0, (people, 1, 2))
    rows = rows.expand(-1, _KINDS, -1, -1).flatten(0, 2)
    states = [s.state(features, width) for s in recurrent_states]
    state = tuple(torch.cat(part, 1) for part in zip(*states))
    encoded, state = lifter.encode(rows[:, None], state)
    for i, person in enumerate(recurrent_states):
        person.keep(tuple(part[:, ROWS * i:ROWS * (i + 1)] for part in state))
    picked = [ROWS * i + row for i, s in enumerate(recurrent_states) for row in s.used_rows]
    results = average_mirrored(*lifter.decode(encoded[picked]))
    return tuple(x.unflatten(0, (people, 2)).mean(1) for x in results)
