# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is kept about people from frame to frame on the device, one row of numbers a person."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from pose_machine_ros.correction.learned import HIDDEN
from pose_machine_ros.correction.trajectory import MEMORY, SIZE, Trajectory
from pose_machine_ros.lifting.short_states import KINDS
from pose_machine_ros.skeleton import HUMAN36M_17

_BONES = len(HUMAN36M_17.bones)


class PeopleState(NamedTuple):
    """State of P people; all zero before their first frame."""

    recurrent: Tensor  # (P, 2, KINDS, 2, width) see StreamingLifter
    trajectory: Trajectory
    lengths: Tensor  # (P, 16) mean bone lengths of all frames, metres
    appearance: Tensor  # (P, 2, 17, 3) what the picture changes of the joints and their log sigma
    lifted: Tensor  # (P, 17, 3) the lifter's pose in the newest frame, in the camera's frame
    hidden: Tensor  # (P, 2, HIDDEN) of the learned correction


class PeopleStates:
    """The states of all people, in a table that grows with the number of people.

    Row 0 belongs to nobody: rows that only fill a batch may read and write it.
    """

    def __init__(self, width: int, device: torch.device, rows: int = 1) -> None:
        """Start without people and with room for `rows` - 1; `width` is that of the lifter."""
        self._shapes = ((2, KINDS, 2, width), (MEMORY, SIZE), (3, SIZE, SIZE), (_BONES,),
                        (2, len(HUMAN36M_17), 3), (len(HUMAN36M_17), 3), (2, HIDDEN))
        self._sizes = [torch.Size(shape).numel() for shape in self._shapes]
        self._table = torch.zeros(rows, sum(self._sizes), device=device)
        self._free = list(range(rows - 1, 0, -1))

    @property
    def capacity(self) -> int:
        """Return the number of rows; the table is at another address when it has changed."""
        return len(self._table)

    def add(self) -> int:
        """Return the row of a new person."""
        if not self._free:
            rows = len(self._table)
            self._table = torch.cat((self._table, torch.zeros_like(self._table)))
            self._free = list(range(len(self._table) - 1, rows - 1, -1))
        row = self._free.pop()
        self.clear(row)
        return row

    def clear(self, row: int) -> None:
        """Set the state to that before the first frame."""
        self._table[row].zero_()

    def remove(self, row: int) -> None:
        """Forget the person in `row`, which may be that of another person later."""
        self._free.append(row)

    def read(self, rows: Tensor) -> PeopleState:
        """Return a copy of the states of the people in `rows` (P,)."""
        parts = self._table.index_select(0, rows).split(self._sizes, 1)
        recurrent, positions, covariance, *others = (
            part.unflatten(1, shape) for part, shape in zip(parts, self._shapes))
        return PeopleState(recurrent, Trajectory(positions, covariance), *others)

    def write(self, rows: Tensor, state: PeopleState) -> None:
        """Replace the states of the people in `rows` (P,)."""
        recurrent, trajectory, *others = state
        parts = (recurrent, *trajectory, *others)
        self._table.index_copy_(0, rows, torch.cat([part.flatten(1) for part in parts], 1))
