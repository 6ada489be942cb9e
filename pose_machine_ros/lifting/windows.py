# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The geometric correction of the newest frames of several people."""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.correction import geometric
from pose_machine_ros.lifting.person import LiftedPerson


def correct_windows(people: list[LiftedPerson], config: geometric.GeometricConfig) -> Tensor:
    """Correct the positions in the buffers of P people in place.

    Returns the covariance (P, 17, 3, 3) of the newest frames.
    """
    covariance: list[Tensor | None] = [None] * len(people)
    for length in {len(p.frames) for p in people}:  # buffers of equal length are solved together
        picked = [i for i, p in enumerate(people) if len(p.frames) == length]
        window = _window([people[i] for i in picked])
        start = torch.stack(
            [torch.stack([f.positions for f in people[i].frames]) for i in picked])
        positions, newest = geometric.correct(window, start, config)
        for row, i in enumerate(picked):
            covariance[i] = newest[row]
            for t, frame in enumerate(people[i].frames):
                frame.positions = positions[row, t]
    return torch.stack(covariance)


def _window(people: list[LiftedPerson]) -> geometric.Window:
    """Return the buffers, all of the same length, as one batch."""
    def stacked(name: str) -> Tensor:
        return torch.stack([torch.stack([getattr(f, name) for f in p.frames]) for p in people])

    joints = stacked('joints')
    steps = joints.new_tensor([[0.0] + [
        (b.stamp_ns - a.stamp_ns) * 1e-9 for a, b in zip(list(p.frames), list(p.frames)[1:])]
        for p in people])
    lengths = torch.stack([p.lengths.mean for p in people])
    return geometric.Window(stacked('rotation'), stacked('plane'), stacked('weights'),
                            stacked('size'), joints, stacked('precision'), steps, lengths)
