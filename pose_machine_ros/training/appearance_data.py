# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rendered people as `pose-machine sample-people` writes them, with the lifter's pose of each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import nn, Tensor

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.npz import read_npz
from pose_machine_ros.lifting.features import view_people
from pose_machine_ros.lifting.mirroring import average_mirrored, with_mirrored
from pose_machine_ros.lifting.recurrent_lifter import NOMINAL_STATURE, RecurrentLifter
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, LIMB_JOINTS

_MIN_SCORE = 0.1  # keypoints with a lower score count as not seen, as in the machine
_COUNTED = 0.1  # of the person's size; keypoints that are further off are of little use
_LITTLE = 0.1  # weight of joints that cannot be seen
_FITTED_ON = 10  # files on which the principal components are computed
_MIN_VARIANCE = 1e-6


@dataclass(frozen=True)
class AppearanceBatch:
    """N frames of rendered people."""

    features: Tensor  # (N, FEATURES) of view_people
    joints: Tensor  # (N, 17, 3) the lifter's pose
    log_sigma: Tensor  # (N, 17, 3) of the lifter
    target: Tensor  # (N, 17, 3) true pose, metres for a person of NOMINAL_STATURE
    weights: Tensor  # (N, 17) of the joints
    picture: Tensor  # (N, 26, reduced) float16
    turn: Tensor  # (N,) radians

    def __getitem__(self, rows: Tensor | slice) -> AppearanceBatch:
        return AppearanceBatch(*(getattr(self, f.name)[rows] for f in fields(self)))

    def __len__(self) -> int:
        return len(self.turn)


def sample_files(folder: Path) -> list[Path]:
    """Return the files of a folder; raises InputError if there are none."""
    paths = sorted(Path(folder).glob('*.npz'))
    if not paths:
        raise InputError(f'{folder} has no samples; make some with pose-machine render-people and '
                         'pose-machine sample-people')
    return paths


def principal_components(paths: list[Path], count: int) -> nn.Linear:
    """Return the layer from the features of a point to at most `count` numbers of variance 1."""
    points = torch.cat([torch.from_numpy(read_npz(path)['features']).float().flatten(0, 2)
                        for path in paths[:_FITTED_ON]])
    mean, scale = points.mean(0), points.std(0).clamp_min(_MIN_VARIANCE)
    normalized = (points - mean) / scale
    variance, vectors = torch.linalg.eigh(normalized.mT @ normalized / len(normalized))
    variance, vectors = variance[-count:].clamp_min(_MIN_VARIANCE), vectors[:, -count:]
    layer = nn.Linear(len(mean), len(variance))
    with torch.no_grad():
        layer.weight.copy_((vectors / scale[:, None] / variance.sqrt()).mT)
        layer.bias.copy_(-layer.weight @ mean)
    return layer.requires_grad_(False)


@torch.no_grad()
def load_samples(paths: list[Path], lifter: RecurrentLifter, reduce: nn.Linear) -> AppearanceBatch:
    """Return all frames of the files as one batch, on the CPU."""
    parts = [_load(read_npz(path), lifter, reduce) for path in paths]
    return AppearanceBatch(*(torch.cat([getattr(part, f.name) for part in parts])
                             for f in fields(AppearanceBatch)))


def _load(arrays: dict[str, np.ndarray], lifter: RecurrentLifter,
          reduce: nn.Linear) -> AppearanceBatch:
    rays = torch.from_numpy(arrays['rays'])
    scores = torch.where(rays[..., 3] >= _MIN_SCORE, rays[..., 3], 0.0)
    steps = torch.from_numpy(arrays['step']).float()
    view = view_people(rays[..., :3], scores, steps)
    joints, log_sigma = average_mirrored(*lifter(with_mirrored(view.features)))
    size = (NOMINAL_STATURE / torch.from_numpy(arrays['stature']).float())[:, None, None, None]
    truth = torch.from_numpy(arrays['joints'])
    target = (truth - truth[:, :, :1]) @ view.rotation.mT * size
    points = torch.from_numpy(arrays['keypoints3d']) @ view.rotation.mT
    off = (points[..., :2] / points[..., 2:].clamp_min(0.1) - view.plane).norm(dim=-1)
    is_counted = torch.from_numpy(arrays['inside']) & (scores > 0) \
        & (off < _COUNTED * 4 * view.size[..., None])
    picture = torch.stack([reduce(torch.from_numpy(f).float()) for f in arrays['features']])
    return AppearanceBatch(*(x.flatten(0, 1) for x in (
        view.features, joints, log_sigma, target, _joint_weights(is_counted), picture.half(),
        torch.from_numpy(arrays['turn']).float())))


def _joint_weights(is_counted: Tensor) -> Tensor:
    """Return the weights (*, 17) of the joints from (*, 17) bool: whether a keypoint counts."""
    keypoint = torch.where(is_counted, 1.0, _LITTLE)
    limbs = keypoint[..., COCO_17.indices(LIMB_JOINTS)]
    weights = limbs.mean(-1, keepdim=True).repeat(*[1] * (limbs.dim() - 1), len(HUMAN36M_17))
    weights[..., HUMAN36M_17.indices(LIMB_JOINTS)] = limbs
    return weights
