# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Files of rendered sequences.

A file is an NPZ with N sequences of T frames. Positions are metres in the camera's optical frame.

jpeg         (bytes,) uint8, all pictures one after another
jpeg_lengths (N, T) bytes of each picture
joints       (N, T, 17, 3) joint centres, HUMAN36M_17
keypoints3d  (N, T, 17, 3) COCO-17 points on and in the body
matrix       (N, T, 3, 3) intrinsics of each picture, px
region       (N, T, 4) what the tracker would crop, px of the picture; see keypoints2d/crops.py
stature      (N,) metres of the standing body
inside       (N, T, 17) bool, whether a keypoint lies in what the camera saw
visible      (N, T, 17) bool, whether nothing in front of the person hides a keypoint
up           (N, 3) up direction of the world
step         (N, T) seconds since the frame before, 0 for the first
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.npz import read_npz, write_npz

_JPEG = ('jpeg', 'jpeg_lengths')


@dataclass(frozen=True)
class RenderedSequence:
    """T frames of one person; the arrays of the file, for one sequence."""

    jpeg: list[np.ndarray]  # T times (bytes,) uint8
    joints: np.ndarray  # (T, 17, 3)
    keypoints3d: np.ndarray  # (T, 17, 3)
    matrix: np.ndarray  # (T, 3, 3)
    region: np.ndarray  # (T, 4)
    stature: np.ndarray  # ()
    inside: np.ndarray  # (T, 17)
    visible: np.ndarray  # (T, 17)
    up: np.ndarray  # (3,)
    step: np.ndarray  # (T,)

    def picture(self, frame: int) -> np.ndarray:
        """Return a frame's picture, (S, S, 3) BGR uint8."""
        return cv2.imdecode(self.jpeg[frame], cv2.IMREAD_COLOR)


_ARRAYS = tuple(field.name for field in fields(RenderedSequence) if field.name != 'jpeg')


def write_shard(path: Path, sequences: Sequence[RenderedSequence]) -> None:
    """Write sequences to a file, completely or not at all."""
    arrays = {name: np.stack([getattr(s, name) for s in sequences]) for name in _ARRAYS}
    arrays = {name: a.astype(np.float32) if a.dtype == np.float64 else a
              for name, a in arrays.items()}
    write_npz(path, jpeg=np.concatenate([data for s in sequences for data in s.jpeg]),
              jpeg_lengths=np.array([[len(data) for data in s.jpeg] for s in sequences], np.int64),
              **arrays)


def read_shard(path: Path) -> list[RenderedSequence]:
    """Return the sequences of a file; raises InputError if it is of another layout."""
    arrays = read_npz(path)
    if missing := [name for name in (*_JPEG, *_ARRAYS) if name not in arrays]:
        raise InputError(f'{path} has no rendered people: it lacks {", ".join(missing)}; write it '
                         'with pose-machine render-people')
    lengths = arrays['jpeg_lengths']
    pictures = np.split(arrays['jpeg'], np.cumsum(lengths.ravel())[:-1])
    frames = lengths.shape[1]
    return [RenderedSequence(pictures[i * frames:(i + 1) * frames],
                             **{name: arrays[name][i] for name in _ARRAYS})
            for i in range(len(lengths))]
