# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the lifter remembers of one person: a long memory and a short one.

A wrong belief that got into the recurrent state stays there as long as nothing contradicts it. So
beside the state that is kept from the first frame on there are two that are wiped in turn; the
answer is the mean of that from the long one and that from the older short one. Each is there for
the person and for the mirror image (mirroring.py), so that a person has ROWS rows in a batch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.lifting.mirroring import average_mirrored, with_mirrored
from pose_machine_ros.lifting.recurrent_lifter import LstmState, RecurrentLifter

_KINDS = 3  # long, and two short ones
ROWS = 2 * _KINDS
_FRAMES = 8  # a short memory answers when it is that old, until it is twice as old


class RecurrentState:
    """The recurrent states of one person."""

    def __init__(self) -> None:
        self._state: LstmState | None = None
        self._ages = [0] * (_KINDS - 1)  # frames in each short memory
        self._older = 0  # which of them answers

    def state(self, like: Tensor, width: int) -> LstmState:
        """Return the state, (1, ROWS, width), twice; zero before the first frame."""
        if self._state is None:
            blank = like.new_zeros(1, ROWS, width)
            return blank, blank
        return self._state

    def keep(self, state: LstmState) -> None:
        """Keep the state after a frame, and wipe the older short memory when the other can answer.

        `answering` is then for that frame.
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
    def answering(self) -> list[int]:
        """Return the four rows of a person whose mean is the answer."""
        return [0, 1, *self._rows_of(self._older)]

    @staticmethod
    def _rows_of(short: int) -> list[int]:
        return [2 * short + 2, 2 * short + 3]


def lift_newest(lifter: RecurrentLifter, features: Tensor,
                memories: list[RecurrentState]) -> tuple[Tensor, Tensor]:
    """Predict the newest frame of P people, (P, FEATURES), and remember it.

    Returns joints and log deviations (P, 17, 3) in the person camera.
    """
    people, width = len(memories), lifter.config.width
    rows = with_mirrored(features).unflatten(0, (people, 1, 2))
    rows = rows.expand(-1, _KINDS, -1, -1).flatten(0, 2)
    states = [m.state(features, width) for m in memories]
    state = tuple(torch.cat(part, 1) for part in zip(*states))
    encoded, state = lifter.encode(rows[:, None], state)
    for i, memory in enumerate(memories):
        memory.keep(tuple(part[:, ROWS * i:ROWS * (i + 1)] for part in state))
    picked = [ROWS * i + row for i, memory in enumerate(memories) for row in memory.answering]
    answers = average_mirrored(*lifter.decode(encoded[picked]))
    return tuple(x.unflatten(0, (people, 2)).mean(1) for x in answers)
