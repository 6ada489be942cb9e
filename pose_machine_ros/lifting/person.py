# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""State of one person over time: recurrent state, buffer of frames, size, newest skeleton."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.correction.scale import PersonScale
from pose_machine_ros.lifting.recurrent_state import RecurrentState
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import HUMAN36M_17

_MIRROR_BONES = list(HUMAN36M_17.mirror_bones)
_WALKING_SPEED = 1.0  # m/s: standard deviation of the position of an unseen person, per second
_FADING_SECONDS = 0.3  # in which the scores of an unseen person fall to 1 / e


@dataclass
class LiftedFrame:
    """One frame of one person; the camera optical frame, metres of a nominal adult."""

    stamp_ns: int
    rotation: Tensor  # (3, 3) camera frame -> person camera
    plane: Tensor  # (17, 2) COCO-17 keypoints, x/z and y/z in the person camera, 0 where unseen
    weights: Tensor  # (17,) their scores, 0 where unseen
    size: Tensor  # () apparent size in the units of `plane`
    joints: Tensor  # (17, 3) intermediate pose, relative to the pelvis
    precision: Tensor  # (17, 3, 3) inverse covariance of `joints`
    positions: Tensor  # (17, 3) result, corrected again while the frame is in the buffer


class BoneLengths:
    """The person's bone lengths: the mean of those of the lifter over all frames."""

    def __init__(self) -> None:
        self._sum: Tensor | None = None
        self._count = 0

    def add(self, joints: Tensor) -> None:
        """Add the joints (17, 3), metres, of one more frame; left and right are averaged."""
        lengths = torch.stack([joints[c] - joints[p] for p, c in HUMAN36M_17.bones]).norm(dim=-1)
        lengths = (lengths + lengths[_MIRROR_BONES]) / 2
        self._sum = lengths if self._sum is None else self._sum + lengths
        self._count += 1

    @property
    def mean(self) -> Tensor:
        """Return the mean lengths (16,), metres."""
        return self._sum / self._count


class LiftedPerson:
    """One person over time."""

    def __init__(self, window: int, scale: PersonScale) -> None:
        self.frames: deque[LiftedFrame] = deque(maxlen=window)
        self.scale = scale
        self.lengths = BoneLengths()
        self.recurrent_state = RecurrentState()
        self.skeleton: Skeleton | None = None  # of the newest frame

    def resize_buffer(self, window: int) -> None:
        """Let the buffer hold `window` frames; the newest ones stay."""
        if window != self.frames.maxlen:
            self.frames = deque(self.frames, maxlen=window)

    def time_step(self, stamp_ns: int) -> float:
        """Return the seconds from the newest frame to `stamp_ns`, 0 if there is none."""
        return (stamp_ns - self.frames[-1].stamp_ns) * 1e-9 if self.frames else 0.0

    def velocity(self) -> Tensor:
        """Return the velocity in m/s, (17, 3): the slope of a line through the buffer."""
        newest = self.frames[-1]
        if len(self.frames) < 2:
            return torch.zeros_like(newest.positions)
        times = torch.tensor([(f.stamp_ns - newest.stamp_ns) * 1e-9 for f in self.frames])
        times = (times - times.mean()).to(newest.positions)
        positions = torch.stack([f.positions for f in self.frames])
        return torch.einsum('t,tjc->jc', times, positions) / times.square().sum()


def extrapolate(skeleton: Skeleton, seconds: float, **changes: object) -> Skeleton:
    """Return the skeleton of a person unseen for `seconds`: same pose, less and less certain.

    `changes` are other fields to replace.
    """
    moved = (_WALKING_SPEED * seconds) ** 2 * np.eye(3, dtype=np.float32)
    fading = np.float32(np.exp(-seconds / _FADING_SECONDS))
    return replace(
        skeleton, covariance=skeleton.covariance + moved,
        joint_scores=skeleton.joint_scores * fading, score=float(skeleton.score * fading),
        reprojection_px=float('nan'), correction_m=0.0, **changes)
