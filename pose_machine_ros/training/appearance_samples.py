# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Keypoints and features that the 2D network finds in pictures of rendered people, with the truth.

Arrays of a file, N sequences of T frames: `rays` (N, T, 17, 4) are x, y, 1 and score of each
keypoint of COCO-17; `features` (N, T, 26, C) float16 and `turn` (N, T) are those of `Appearance`.
As in the rendered shard: `joints` (N, T, 17, 3) and `keypoints3d` (N, T, 17, 3) in metres, optical
frame; `stature` (N,) m; `step` (N, T) s; `up` (N, 3); `inside` (N, T, 17).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.npz import read_npz, write_npz
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import load_runners, PoseNetwork2D, Refined

_KEPT = ('joints', 'keypoints3d', 'stature', 'step', 'up', 'inside')
_NEEDED = (*_KEPT, 'jpeg', 'jpeg_lengths', 'matrix', 'region')


class AppearanceSampler:
    """Runs Thunder, with its features, on pictures of one person each; on one thread of the CPU."""

    def __init__(self) -> None:
        """Load the network; raises WeightsError if its weights are missing or damaged."""
        config = Keypoints2DConfig(threads=1)
        self._network = PoseNetwork2D(
            config, runners=load_runners(config, torch.device('cpu'), features=True))

    def sample(self, pictures: Iterable[np.ndarray], regions: np.ndarray) -> Refined:
        """Return what the network finds in P pictures (H, W, 3) uint8 BGR, `regions` (P, 4) each.

        Keypoints are in px of their picture.
        """
        cuts = torch.cat([self._network.crop(picture, region[None])
                          for picture, region in zip(pictures, regions)])
        return self._network.refine(cuts, regions)

    def sample_shard(self, shard: Path, out: Path) -> None:
        """Write the samples of a rendered shard to the file `out`.

        Raises InputError if the shard is not one, or if `out` cannot be written.
        """
        arrays = read_npz(shard)
        if missing := [name for name in _NEEDED if name not in arrays]:
            raise InputError(f'{shard} lacks {", ".join(missing)}: it is no shard of rendered '
                             'people; make some with pose-machine render-people')
        regions = arrays['region'].astype(np.float64)
        found = [self.sample(map(_decode, pictures), region)
                 for pictures, region in zip(_split(arrays['jpeg'], arrays['jpeg_lengths']),
                                             regions)]
        keypoints = np.stack([f.keypoints for f in found])
        homogeneous = np.concatenate(
            (keypoints[..., :2], np.ones_like(keypoints[..., :1])), -1)
        rays = homogeneous @ np.linalg.inv(arrays['matrix']).swapaxes(-1, -2)
        write_npz(out, rays=np.concatenate((rays, keypoints[..., 2:]), -1).astype(np.float32),
                  features=np.stack([f.features for f in found]).astype(np.float16),
                  turn=regions[..., 3].astype(np.float32),
                  **{name: arrays[name] for name in _KEPT})


def _split(jpeg: np.ndarray, lengths: np.ndarray) -> list[list[np.ndarray]]:
    """Return the encoded pictures of each sequence, in their order."""
    pictures = np.split(jpeg, np.cumsum(lengths)[:-1])
    frames = lengths.shape[1]
    return [pictures[i:i + frames] for i in range(0, len(pictures), frames)]


def _decode(encoded: np.ndarray) -> np.ndarray:
    picture = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    if picture is None:
        raise InputError('a picture of rendered people is damaged; render its shard again')
    return picture
