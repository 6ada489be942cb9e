# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Captured people as if they sat, with their own bone lengths."""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.skeleton import MOCAP_25
from pose_machine_ros.synthesis.folding import fold

_LEG_PARTS = ('hip', 'knee', 'ankle', 'toe', 'heel')  # parents first
_LEGS = [MOCAP_25.index(f'{side}_{part}') for part in _LEG_PARTS for side in ('left', 'right')]


def seated(joints: Tensor, generator: torch.Generator) -> Tensor:
    """Return a clip (T, 25, 3), metres, z up, of a person who sits all the time on the same place.

    The legs are those of a random seated posture; the trunk and the arms move as captured.
    """
    yes, no = torch.tensor([True]), torch.tensor([False])
    always = torch.ones(1, len(joints))
    sitting = fold(joints[None], yes, no, no, always, generator)[0]
    sitting = sitting - sitting[:, :1] + joints[:1, :1]
    placed = sitting.clone()
    for joint in _LEGS:
        parent = MOCAP_25.parents[joint]
        length = (joints[:, joint] - joints[:, parent]).norm(dim=-1).median()
        bone = torch.nn.functional.normalize(sitting[:, joint] - sitting[:, parent], dim=-1)
        placed[:, joint] = placed[:, parent] + length * bone
    return placed
