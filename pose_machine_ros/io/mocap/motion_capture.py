# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Motion capture for training and evaluation: one array of joints, divided into clips.

The file is an NPZ with `root` (N, 3) and `rel` (N, J - 1, 3), metres, z up, the joints relative to
the root; `starts`, `lengths`, `split`, `fps` per clip; and `joints` (J,), the names in MOCAP_25's
order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.errors import InputError
from pose_machine_ros.skeleton import MOCAP_25


@dataclass(frozen=True)
class MotionCaptureDataset:
    """The clips of one split."""

    joints: Tensor  # (N, 25, 3) float32, metres, world frame with z up
    starts: Tensor  # (C,) int64, first frame of each clip
    lengths: Tensor  # (C,) int64
    fps: float

    @classmethod
    def load(cls, path: str | Path | Sequence[Path], split: str) -> MotionCaptureDataset:
        """Read one split of one or more motion capture files.

        Raises InputError for another file layout, for files of different rates, and if no file has
        a clip of that split.
        """
        paths = [path] if isinstance(path, (str, Path)) else list(path)
        parts = [cls._load_one(p, split) for p in paths]
        if len({part.fps for part in parts}) > 1:
            raise InputError(f'{", ".join(map(str, paths))} have different rates; '
                             'write all of them with pose-machine import-mocap')
        if not any(len(part) for part in parts):
            raise InputError(f'{", ".join(map(str, paths))} has no clip of split {split!r}')
        offsets = np.cumsum([0, *(len(part.joints) for part in parts[:-1])])
        return cls(torch.cat([part.joints for part in parts]),
                   torch.cat([part.starts + int(o) for part, o in zip(parts, offsets)]),
                   torch.cat([part.lengths for part in parts]), parts[0].fps)

    @classmethod
    def _load_one(cls, path: str | Path, split: str) -> MotionCaptureDataset:
        try:
            data = np.load(path, allow_pickle=False)
            names = [_long_name(str(n)) for n in data['joints']]
            root, relative = data['root'], data['rel'].astype(np.float32)
            picked = data['split'] == split
            starts, lengths = data['starts'][picked], data['lengths'][picked]
            fps = float(data['fps'][0])
        except (OSError, KeyError, ValueError) as error:
            raise InputError(f'{path} is not a motion capture file ({error}); it needs the arrays '
                             'joints, root, rel, starts, lengths, split and fps') from error
        if tuple(names) != MOCAP_25.names:
            raise InputError(f'{path} has joints {names}; expected {list(MOCAP_25.names)}')
        joints = np.concatenate((root[:, None], root[:, None] + relative), 1)
        return cls(torch.from_numpy(joints), torch.from_numpy(starts).long(),
                   torch.from_numpy(lengths).long(), fps)

    def clip(self, index: int) -> Tensor:
        """Return clip `index` as (T, 25, 3)."""
        start = int(self.starts[index])
        return self.joints[start:start + int(self.lengths[index])]

    def __len__(self) -> int:
        return len(self.starts)


def interpolate_frames(joints: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return joints (T, J, 3) at fractional frames (T,) of (F, J, 3), linearly between frames."""
    before = np.minimum(np.floor(positions).astype(int), len(joints) - 2)
    share = (positions - before)[:, None, None]
    return joints[before] * (1 - share) + joints[before + 1] * share


def _long_name(name: str) -> str:
    return {'r_': 'right_', 'l_': 'left_'}.get(name[:2], name[:2]) + name[2:]
