# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Errors of a 2D pose network: bias, jitter, swaps, occlusion, truncation, and its scores.

Distances are in units of the person's apparent size (root mean square distance of the keypoints
from their mean), about a quarter of the height of a standing person.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pose_machine_ros.skeleton import COCO_17

# Fitted to MoveNet Thunder on the view cam01 of `real_video`, with evaluation/keypoints2d.py. There
# the jitter of all limb joints is similar, 0.021 to 0.049 with a correlation time of 0.12 s, and
# their bias is 0.05 (root mean square over joints), largest at shoulders and hips. The face has
# small errors, but a face that is small or turned away may be detected elsewhere: in cam01 at 0.5.
_FACE = torch.tensor(['nose' in n or 'eye' in n or 'ear' in n for n in COCO_17.names])
_DIFFICULTY = torch.tensor([1.2 if 'wrist' in n or 'ankle' in n else 1.0 for n in COCO_17.names])
_BIAS = torch.tensor([0.05 if 'hip' in n or 'shoulder' in n or 'elbow' in n else 0.035
                      for n in COCO_17.names])
_MIRROR = list(COCO_17.mirror)
# Keypoints that an object occludes together: a limb, the legs (a table), the upper body (a shelf).
_GROUPS = torch.tensor([[any(part in n for part in parts) for n in COCO_17.names] for parts in (
    ('left_elbow', 'left_wrist'), ('right_elbow', 'right_wrist'),
    ('left_knee', 'left_ankle'), ('right_knee', 'right_ankle'),
    ('hip', 'knee', 'ankle'), ('shoulder', 'nose', 'eye', 'ear'))])
_LIMBS = [[COCO_17.index(n) for n in names] for names in (
    ('left_knee', 'right_knee', 'left_ankle', 'right_ankle'),
    ('left_elbow', 'right_elbow', 'left_wrist', 'right_wrist'),
    COCO_17.names)]


@dataclass(frozen=True)
class NoiseConfig:
    """Strength of each kind of error; rates are in episodes per second."""

    jitter: tuple[float, float] = (0.01, 0.045)  # standard deviation, log-uniform per clip
    jitter_seconds: float = 0.12  # correlation time
    bias: float = 1.0  # factor on the constant offsets
    occlusion_rate: float = 0.08  # per keypoint group
    occlusion_seconds: float = 0.6
    outlier_rate: float = 0.03  # per keypoint
    swap_rate: float = 0.03  # per limb pair
    # Probability that a keypoint, or one of the face, is absent in a clip: some networks omit
    # uncertain keypoints.
    absent: tuple[float, float] = (0.04, 0.15)
    vanish_rate: float = 0.04  # per keypoint; it is absent for `occlusion_seconds`
    lost_face: float = 0.2  # probability that the face of a clip is detected elsewhere
    face_error: float = 0.25
    score_gain: tuple[float, float] = (0.6, 1.1)  # networks scale their scores differently
    plain_scores: float = 0.1  # probability that all keypoints of a clip have one score
    short_seconds: float = 0.12  # mean length of outliers and swaps
    occluded_error: float = 0.25


def add_detection_noise(plane: Tensor, half_extent: Tensor, steps: Tensor,
                        generator: torch.Generator, config: NoiseConfig = NoiseConfig()
                        ) -> tuple[Tensor, Tensor]:
    """Return true keypoints with the errors and the scores of a 2D pose network.

    `plane` (B, T, 17, 2) true x/z, y/z; `half_extent` (B, 2) of the image in the same units;
    `steps` (B, T) seconds since the frame before. Returns noisy `plane`, NaN where unseen, and
    scores (B, T, 17).
    """
    batch, frames, count, _ = plane.shape

    def rand(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator)

    def randn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    middle = plane.mean(2, keepdim=True)
    size = (plane - middle).square().sum(-1).mean(-1).sqrt()[..., None, None]  # (B, T, 1, 1)

    low, high = config.jitter
    level = low * (high / low) ** rand(batch, 1, 1)
    sigma = (level * _DIFFICULTY).expand(batch, frames, count)

    groups = _episodes(rand, batch, frames, len(_GROUPS), steps, config.occlusion_rate,
                       config.occlusion_seconds)
    in_group = (groups[..., None] & _GROUPS).any(-2)
    occluded = in_group & (rand(batch, 1, count) < 0.7)
    outlier = _episodes(rand, batch, frames, count, steps, config.outlier_rate,
                        config.short_seconds)
    lost = occluded | outlier
    sigma = torch.where(lost, config.occluded_error * (0.3 + rand(batch, 1, 1)), sigma)

    correlation = torch.exp(-steps / config.jitter_seconds)[..., None, None]
    fresh = randn(batch, frames, count, 2)
    noise = [fresh[:, 0]]
    for t in range(1, frames):
        noise.append(correlation[:, t] * noise[-1]
                     + (1 - correlation[:, t].square()).sqrt() * fresh[:, t])
    error = torch.stack(noise, 1) * sigma[..., None]
    error = error + config.bias * _BIAS[:, None] * randn(batch, 1, count, 2)
    lost_face = rand(batch, 1, 1) < config.lost_face
    shift = config.face_error * randn(batch, 1, 1, 2)
    error = error + torch.where((lost_face & _FACE)[..., None], shift, 0.0)

    seen = plane.clone()
    swapped = _episodes(rand, batch, frames, len(_LIMBS), steps, config.swap_rate,
                        config.short_seconds)
    for limb, joints in enumerate(_LIMBS):
        mirrored = seen[:, :, [_MIRROR[j] for j in joints]]
        seen[:, :, joints] = torch.where(swapped[:, :, limb, None, None], mirrored,
                                         seen[:, :, joints])
    seen = seen + error * size

    good = 0.9 - 3 * (sigma - low).clamp(0, 0.1) + 0.1 * randn(batch, frames, count)
    bad = 0.25 + 0.15 * randn(batch, frames, count)
    scores = torch.where(lost, bad, good)
    scores = torch.where(swapped.any(-1, keepdim=True), scores - 0.15, scores)
    scores = torch.where(_FACE, scores - 0.15 - 0.15 * lost_face, scores)
    least, most = config.score_gain
    scores = scores * (least + (most - least) * rand(batch, 1, 1))
    plain = rand(batch, 1, 1) < config.plain_scores
    scores = torch.where(plain, 0.3 + 0.7 * rand(batch, 1, 1), scores).clamp(0.06, 1.0)

    inside = (plane.abs() < half_extent[:, None, None]).all(-1)
    dropped = occluded & (rand(batch, frames, count) < 0.3)
    absent = torch.where(_FACE, config.absent[1], config.absent[0])
    dropped |= (rand(batch, 1, count) < absent) & (rand(batch, 1, 1) < 0.5)
    dropped |= _episodes(rand, batch, frames, count, steps, config.vanish_rate,
                         config.occlusion_seconds)
    unseen = ~inside | dropped
    return (torch.where(unseen[..., None], torch.nan, seen),
            torch.where(unseen, 0.0, scores))


def _episodes(rand, batch: int, frames: int, count: int, steps: Tensor, rate: float,
              seconds: float) -> Tensor:
    """Return (B, T, count) bool: random episodes of mean length `seconds`, `rate` per second."""
    start, stay = rand(batch, frames, count), rand(batch, frames, count)
    starts = start < (rate * steps)[..., None]
    stays = stay < torch.exp(-steps / seconds)[..., None]
    on = [rand(batch, count) < rate * seconds]
    for t in range(1, frames):
        on.append(starts[:, t] | (on[-1] & stays[:, t]))
    return torch.stack(on, 1)
