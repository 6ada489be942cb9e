# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""2D poses of real people without 3D labels, as `pose-machine keypoints` writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.keypoint_file import KeypointFile
from pose_machine_ros.lifting.features import PersonView, view_people

_MIN_SCORE = 0.1
_MAX_STEP = 1 / 8  # seconds; that of the slowest cameras in training


class UnlabelledClips:
    """An endless iterator of clips of B people over T frames, from a folder of keypoint files."""

    def __init__(self, folder: Path, batch: int, frames: int, seed: int = 0,
                 device: torch.device | str = 'cpu') -> None:
        """Read the folder; raises InputError if no file has a person for T frames."""
        self._batch, self._frames, self._device = batch, frames, device
        self._rng = np.random.default_rng(seed)
        self._people: list[tuple[np.ndarray, np.ndarray]] = []  # stamps (F,), rays + score
        paths = sorted(Path(folder).glob('*.npz'))
        for path in paths:
            file = KeypointFile.read(path)
            keypoints = torch.from_numpy(file.keypoints)
            rays = file.camera.rays(keypoints[..., :2])
            row = torch.cat((rays, keypoints[..., 2:]), -1).numpy()
            if len(row) >= frames:
                self._people.append((file.stamps_ns * 1e-9, row))
        if not self._people:
            raise InputError(f'none of the {len(paths)} files in {folder} has a person for '
                             f'{frames} frames; write them with pose-machine keypoints')
        self._share = np.array([len(row) for _, row in self._people], float) ** 0.5
        self._share /= self._share.sum()

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self._people)

    def __next__(self) -> PersonView:
        """Return B clips as input of the network, (B, T, ...)."""
        clips = [self._draw() for _ in range(self._batch)]
        rows = torch.from_numpy(np.stack([row for row, _ in clips])).float().to(self._device)
        steps = torch.from_numpy(np.stack([s for _, s in clips])).float().to(self._device)
        return _person_view(rows, steps)

    def __iter__(self) -> UnlabelledClips:
        return self

    def _draw(self) -> tuple[np.ndarray, np.ndarray]:
        stamps, rows = self._people[self._rng.choice(len(self._people), p=self._share)]
        step = float(np.median(np.diff(stamps)))
        most = min((len(rows) - 1) // (self._frames - 1), max(1, int(_MAX_STEP / step)))
        stride = int(self._rng.integers(1, most + 1))
        start = int(self._rng.integers(len(rows) - stride * (self._frames - 1)))
        picked = start + stride * np.arange(self._frames)
        return rows[picked], np.diff(stamps[picked], prepend=stamps[picked[0]])


def _person_view(rows: Tensor, steps: Tensor) -> PersonView:
    """Return rays and scores (B, T, 17, 4) of keypoints as input of the network."""
    seen = (rows[..., 3:] >= _MIN_SCORE) & rows[..., :3].isfinite().all(-1, keepdim=True)
    rays = torch.where(seen, rows[..., :3], torch.nan)
    return view_people(rays, torch.where(seen[..., 0], rows[..., 3], 0.0), steps)
